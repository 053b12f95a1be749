# SPDX-License-Identifier: GPL-3.0-or-later
"""Where things are. Everything the tools write is under .venv or tests/output, apart from temporary folders."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
COLLECTIONS = VENV / "collections"
LOGS = ROOT / "tests" / "output" / "logs"
REQUIREMENTS = ROOT / "tests" / "requirements"


class Missing(Exception):
    """This machine lacks something that the tools may not or cannot install. The message says how to."""
