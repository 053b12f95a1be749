# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs tasks of a playbook on this very machine, and prints what each took as one JSON document.

The tasks named "ours" are also measured for memory, in a run of their own.

python tests/bench/measure_tasks.py '[{"name": "nothing", "ansible.builtin.ping": {}}]'
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
    with tempfile.TemporaryDirectory() as folder:
        took = _run(Path(folder), tasks, sys.executable)
        _run(Path(folder), [task for task in tasks if task["name"] == "ours"][:1], str(_measuring(Path(folder))))
        peaks = (Path(folder) / "peaks").read_text().split()
    print(json.dumps({"took": took, "megabytes": max(map(int, peaks)) / 1024}))


def _measuring(folder: Path) -> Path:
    """An interpreter that notes each module's peak memory; Ansible wants it to be a file that runs."""
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
        "PEAKS": str(folder / "peaks"),
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
