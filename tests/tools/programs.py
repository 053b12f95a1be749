# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands that only call a program of .venv: the measurements, and ruff's formatter."""

from __future__ import annotations

import os
import subprocess
import sys
import typing as t

from tests.tools import code_checks, collection
from tests.tools.jobs import Failed, Job
from tests.tools.paths import COLLECTIONS, ROOT, Missing

COMMANDS = {"bench": ["python", "tests/bench/run.py"], "format": ["ruff", "format"]}


def run(command: str, arguments: t.Sequence[str]) -> int:
    """The exit code of the program. Says in one line what is missing."""
    job = Job(command, timeout=600)
    try:
        programs = code_checks.programs(job)
    except (Failed, Missing) as exc:
        print(f"make {command}: {exc}; the output is in {job.log.relative_to(ROOT)}", file=sys.stderr)
        return 1
    program, *fixed = COMMANDS[command]
    collection.link()
    path = os.pathsep.join([str(programs), os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    environment = {**os.environ, "PATH": path, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "PYTHONPATH": ""}
    return subprocess.call([programs / program, *fixed, *arguments], cwd=ROOT, env=environment)
