# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of the Makefile: python3 -m tests.tools COMMAND."""

from __future__ import annotations

import argparse
import sys

from tests.tools import runner, stages


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests/tools/run", description=__doc__)
    parser.add_argument("command", choices=["setup", "test", "lint", "types", "units"])
    arguments = parser.parse_args()
    parts = {"setup": [], "lint": stages.CODE, "types": stages.TYPES, "units": stages.UNITS}
    together = parts.get(arguments.command, [*stages.CODE, *stages.TYPES, *stages.UNITS])
    return runner.run([stages.SETUP], together, [])


sys.exit(main())
