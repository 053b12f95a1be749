# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab runs on the controller: Pythons that no controller has do not collect its tests."""

from __future__ import annotations

import pathlib
import sys

collect_ignore_glob = ["test_*.py"] if sys.version_info < (3, 11) else []
ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT), str(ROOT / "tests/lab")]
