# SPDX-License-Identifier: GPL-3.0-or-later
"""A Python interpreter for Ansible to run modules with, which notes how much memory each of them needed at most.

It begins each module in a process of its own, and appends its peak memory in kilobytes to the file that PEAKS names.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main() -> int:
    """The exit code of the program."""
    child = os.fork()
    if child == 0:
        os.execv(os.environ["MEASURED_PYTHON"], [os.environ["MEASURED_PYTHON"], *sys.argv[1:]])
    _pid, status, used = os.wait4(child, 0)
    with Path(os.environ["PEAKS"]).open("a", encoding="utf-8") as file:
        file.write(f"{used.ru_maxrss}\n")
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main())
