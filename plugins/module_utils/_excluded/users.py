# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Who has ports that Windows refused to reserve. It reserves none that a program has, and does not say which."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.settle import Missed
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Output, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.netstat import Row, rows
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.tasklist import Task, tasks
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.visible import visible
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows.command import Command

SOCKETS = Command(("netstat", "-anoq"))
TASKS = Command(("tasklist", "/SVC", "/FO", "CSV", "/NH"))
_KNOWN = "Windows reserves no port that a program has"


def users(missed: t.Sequence[Missed], sockets: Output, processes: Output) -> t.List[str]:
    """Sentences for people; one that says so where nobody is seen, or nothing can be seen."""
    try:
        found = [row for row in rows(sockets.out) if any(_wants(one, row) for one in missed)]
    except Unseen as exc:
        return [f"{_KNOWN}, and who has which is not seen: {exc.why}"]
    try:
        names = tasks(processes.out)
    except Unseen:
        names = {}
    holders = dict.fromkeys((row.protocol, row.port, row.pid) for row in found)
    sentences = [f"{_name(names, pid)} has {port}/{protocol}" for protocol, port, pid in sorted(holders)]
    return [*sentences, _KNOWN] if sentences else [f"{_KNOWN}, and none is seen that has one of these"]


def _wants(one: Missed, row: Row) -> bool:
    return one.place[1] == row.protocol and one.command.first <= row.port <= one.command.last


def _name(names: t.Mapping[int, Task], pid: int) -> str:
    name = names[pid].name if pid in names else ""
    return f"{visible(name)} (pid {pid})" if name else f"process {pid}"
