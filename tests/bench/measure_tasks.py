# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs tasks of a playbook on this very machine, and prints what they took as one JSON document.

    python tests/bench/measure_tasks.py TASKS [MODULES]

TASKS, MODULES: tasks as JSON, such as '[{"name": "nothing", "ansible.builtin.ping": {}}]'. `took` tells the seconds of
each of TASKS as the controller sees them; `modules` tells, of each of MODULES, the seconds and the peak memory of the
process that runs the packed module on the target. MODULES are the first task named "ours" where they are not given.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    tasks = json.loads(sys.argv[1])
    modules = json.loads(sys.argv[2]) if sys.argv[2:] else [task for task in tasks if task["name"] == "ours"][:1]
    with tempfile.TemporaryDirectory() as folder:
        took = _run(Path(folder), tasks, sys.executable)
        ran = _run_measured(Path(folder), modules)
    peak = max(one["megabytes"] for one in ran if one["task"] == "ours")
    print(json.dumps({"took": took, "modules": ran, "megabytes": peak}))


def _run_measured(folder: Path, tasks: t.Sequence[t.Any]) -> list[dict[str, t.Any]]:
    _run(folder, tasks, str(_measuring(folder)))
    told = [json.loads(line) for line in (folder / "modules").read_text().splitlines()]
    return [{"task": task["name"], **one} for task, one in zip(tasks, told, strict=True)]


def _measuring(folder: Path) -> Path:
    """An interpreter that notes what each module takes; Ansible wants it to be a file that runs."""
    program = folder / "python3"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {HERE / "measured_python.py"} "$@"\n')
    program.chmod(0o755)
    return program


def _run(folder: Path, tasks: t.Sequence[t.Any], interpreter: str) -> list[dict[str, t.Any]]:
    playbook = folder / "playbook.yml"
    playbook.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    config = folder / "ansible.cfg"  # nobody's own settings
    config.touch()
    times = folder / "times"
    times.unlink(missing_ok=True)
    more = {
        "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callbacks"),
        "ANSIBLE_CALLBACKS_ENABLED": "task_times",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_CONFIG": str(config),
        "TASK_TIMES": str(times),
        "MEASURED_MODULES": str(folder / "modules"),
        "MEASURED_PYTHON": sys.executable,
    }
    # Not in ANSIBLE_INVENTORY: that is a list of paths, and after the comma the current folder, whose programs it runs
    options = ["-i", "localhost,", "-c", "local", "-e", f"ansible_python_interpreter={interpreter}"]
    argv = ["ansible-playbook", *options, str(playbook)]
    done = subprocess.run(
        argv, env={**os.environ, **more}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stdout[-2000:])
    return [json.loads(line) for line in times.read_text().splitlines()]


if __name__ == "__main__":
    main()
