# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab: real hosts with real engines, for tests. `lab --help` names its verbs; README.md explains them."""

import sys
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent)]

from labkit.cli import entry  # noqa: E402

entry()
