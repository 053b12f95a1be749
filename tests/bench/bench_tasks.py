# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks of a playbook on the busy host, `port_facts` with every option at its default beside
`community.general.listen_ports_facts` with `command: ss`. "No-op" is `ansible.builtin.ping`.

"Module" is the packed module (AnsiballZ) on the target, from its start to its end, unpacking included: what a target
pays. "Task" is what one controller waits for: it also packs the module, hands it over and reads the result, which with
5,500 listeners is a document of 1.4 MB; the no-op shows what that alone takes. "The same job" is `port_facts` with
`sections: [sockets]` and `compatible_view: true`, which returns what `listen_ports_facts` does; with every option at
its default it also reads engines and every backend's rules. With 5,500 listeners that other module takes a quarter of
an hour, and runs with `--slow` only.
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
NOTHING = {"name": "nothing", "ansible.builtin.ping": {}}
OURS = {"name": "ours", "dockmaster.ports.port_facts": {}}
SAME = {"name": "same", "dockmaster.ports.port_facts": {"sections": ["sockets"], "compatible_view": True}}
THEIRS = {"name": "theirs", "community.general.listen_ports_facts": {"command": "ss"}}

WHAT = {
    "nothing": "no-op",
    "same": "the same job by `port_facts`",
    "ours": "`port_facts` with every section",
}

_RUNS = 5
_TIMES = 100
_SECOND = 1000.0
_MEGABYTES = 80


def run(slow: bool) -> t.Iterator[Row]:
    needed = [program for program in ("ss", "unshare", "ip", "ansible-playbook") if not shutil.which(program)]
    if os.geteuid() != 0 or needed:
        raise Skipped(f"needs {', '.join(needed)}" if needed else "needs root")
    few = f"{FEW.tcp + FEW.udp} listeners"
    yield from _beside_theirs(few, _measured(FEW, theirs=True))
    many, told = f"{MANY.tcp + MANY.udp:,} listeners", _measured(MANY, theirs=slow)
    if slow:
        yield from _beside_theirs(many, told)
    yield from _in_a_second(many, told)


def _measured(load: Load, theirs: bool) -> t.Any:
    tasks = [NOTHING, SAME, OURS] * _RUNS
    if theirs:
        path = os.environ.get("ANSIBLE_COLLECTIONS_PATH", "")
        os.environ["ANSIBLE_COLLECTIONS_PATH"] = os.pathsep.join([path, str(fetched.collection("community.general"))])
    # On both sides of the long one: the machine's own speed changes while it runs
    arguments = [json.dumps(tasks), json.dumps([*tasks, THEIRS, *tasks] if theirs else tasks)]
    program = str(Path(__file__).parent / "measure_tasks.py")
    return json.loads(on_a_busy_host(load, sys.executable, program, *arguments, timeout=3600))


def _times(told: t.Any, what: str, name: str) -> list[float]:
    return [one["seconds"] * 1000 for one in told[what] if one["task"] == name]


def _beside_theirs(where: str, told: t.Any) -> t.Iterator[Row]:
    theirs = _times(told, "modules", "theirs")
    yield Row(f"{where}: module no-op", milliseconds(_times(told, "modules", "nothing")))
    yield Row(f"{where}: module `listen_ports_facts`", milliseconds(theirs))
    same, ours = _times(told, "modules", "same"), _times(told, "modules", "ours")
    times = statistics.median(theirs) / statistics.median(same)
    measured = f"{milliseconds(same)}, {times:.0f} times shorter"
    yield Row(f"{where}: module, the same job by `port_facts`", measured, f"at least {_TIMES} times", times >= _TIMES)
    measured = f"{milliseconds(ours)}, {statistics.median(theirs) / statistics.median(ours):.0f} times shorter"
    yield Row(f"{where}: module, `port_facts` with every section", measured)


def _in_a_second(where: str, told: t.Any) -> t.Iterator[Row]:
    for name, what in WHAT.items():
        times = _times(told, "modules", name)
        asked, kept = ("", None) if name == "nothing" else ("under 1 s", statistics.median(times) < _SECOND)
        yield Row(f"{where}: module, {what}", milliseconds(times), asked, kept)
    for name, what in WHAT.items():
        yield Row(f"{where}: task, {what}", milliseconds(_times(told, "took", name)))
    peak = told["megabytes"]
    yield Row(f"{where}: peak memory of the module", f"{peak:.0f} MB", f"under {_MEGABYTES} MB", peak < _MEGABYTES)
