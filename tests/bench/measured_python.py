# SPDX-License-Identifier: GPL-3.0-or-later
"""A Python interpreter for Ansible to run modules with, which notes what each of them took.

It runs MEASURED_PYTHON in a process of its own, and appends a line of JSON to the file that MEASURED_MODULES names.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path


def main() -> int:
    """The exit code of the program."""
    start = time.perf_counter()
    child = os.fork()
    if child == 0:
        os.execv(os.environ["MEASURED_PYTHON"], [os.environ["MEASURED_PYTHON"], *sys.argv[1:]])
    _pid, status, used = os.wait4(child, 0)
    told = {"seconds": time.perf_counter() - start, "megabytes": used.ru_maxrss / 1024}
    with Path(os.environ["MEASURED_MODULES"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps(told) + "\n")
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main())
