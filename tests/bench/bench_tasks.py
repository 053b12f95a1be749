# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole tasks of a playbook on the busy host, from their start to their result as the controller sees it: packing the
module, unpacking and running it, and reading what it returns. `community.general.listen_ports_facts` with `command: ss`
runs in the same playbook; with 5,500 listeners it takes a quarter of an hour, and then runs only with `--slow`.
`port_facts` gathers with every option at its default. "No-op" is `ansible.builtin.ping`.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import typing as t
from pathlib import Path

from tests.bench import fetched
from tests.bench.busyhost import Load, on_a_busy_host
from tests.bench.results import Row, Skipped, milliseconds

NAME = "Whole tasks on a busy host"

FEW = Load(tcp=200, udp=20)
MANY = Load()
OURS = {"name": "ours", "dockmaster.ports.port_facts": {}}
THEIRS = {"name": "theirs", "community.general.listen_ports_facts": {"command": "ss"}}
NOTHING = {"name": "nothing", "ansible.builtin.ping": {}}

_RUNS = 5
_TIMES = 100
_SECOND = 1000.0
_MEGABYTES = 80


def run(slow: bool) -> t.Iterator[Row]:
    needed = [program for program in ("ss", "unshare", "ip", "ansible-playbook") if not shutil.which(program)]
    if os.geteuid() != 0 or needed:
        raise Skipped(f"needs {', '.join(needed)}" if needed else "needs root")
    yield from _few(_measured(FEW, theirs=True))
    yield from _many(_measured(MANY, theirs=slow))


def _measured(load: Load, theirs: bool) -> t.Any:
    tasks = [NOTHING, OURS] * _RUNS + ([THEIRS] if theirs else [])
    if theirs:
        path = os.environ.get("ANSIBLE_COLLECTIONS_PATH", "")
        os.environ["ANSIBLE_COLLECTIONS_PATH"] = os.pathsep.join([path, str(fetched.collection("community.general"))])
    program = str(Path(__file__).parent / "measure_tasks.py")
    return json.loads(on_a_busy_host(load, sys.executable, program, json.dumps(tasks), timeout=3600))


def _times(told: t.Any, name: str) -> list[float]:
    return [one["seconds"] * 1000 for one in told["took"] if one["task"] == name]


def _few(told: t.Any) -> t.Iterator[Row]:
    where = f"{FEW.tcp + FEW.udp} listeners"
    ours, theirs = _times(told, "ours"), _times(told, "theirs")
    times = statistics.median(theirs) / statistics.median(ours)
    yield Row(f"{where}: no-op", milliseconds(_times(told, "nothing")))
    yield Row(f"{where}: `listen_ports_facts`", milliseconds(theirs))
    kept = times >= _TIMES
    yield Row(
        f"{where}: `port_facts`", f"{milliseconds(ours)}, {times:.0f} times shorter", f"at least {_TIMES} times", kept
    )


def _many(told: t.Any) -> t.Iterator[Row]:
    where = f"{MANY.tcp + MANY.udp:,} listeners"
    ours, theirs = _times(told, "ours"), _times(told, "theirs")
    yield Row(f"{where}: no-op", milliseconds(_times(told, "nothing")))
    if theirs:
        yield Row(f"{where}: `listen_ports_facts`", milliseconds(theirs))
    yield Row(f"{where}: `port_facts`", milliseconds(ours), "under 1 s", statistics.median(ours) < _SECOND)
    peak = told["megabytes"]
    yield Row(
        f"{where}: peak memory of module `port_facts`", f"{peak:.0f} MB", f"under {_MEGABYTES} MB", peak < _MEGABYTES
    )
