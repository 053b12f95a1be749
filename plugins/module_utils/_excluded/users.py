# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Who has ports that Windows would refuse to reserve, or did. It reserves none that a program has, and does not say
which.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.netsh import Place, said
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.rows import Command, Plan, ports_of
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.settle import Missed
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Output, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.netstat import rows
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.tasklist import Task, tasks
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.visible import visible
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows import command as windows
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.ports import NONE, Ports, text

SOCKETS = windows.Command(("netstat", "-anoq"))
TASKS = windows.Command(("tasklist", "/SVC", "/FO", "CSV", "/NH"))
_NOBODY = 0  # the idle process, which has the connections that nobody has any more
KNOWN = "Windows reserves no port that a program has"


def users(missed: t.Sequence[Missed], sockets: Output, processes: Output) -> t.List[str]:
    """Sentences for people; one that says so where nobody is seen, or nothing can be seen."""
    try:
        sentences = holders(_by_protocol((one.place, [one.command]) for one in missed), sockets, processes)
    except Unseen as exc:
        return [f"{KNOWN}, and who has which is not seen: {exc.why}"]
    return [*sentences, KNOWN] if sentences else [f"{KNOWN}, and none is seen that has one of these"]


def added(todo: t.Mapping[Place, Plan]) -> t.Dict[str, Ports]:
    """Ports that are to be reserved, by protocol."""
    adds = [(place, one) for place, plan in todo.items() for one in plan.commands if one.verb == "add"]
    return _by_protocol((place, [one]) for place, one in adds)


def foreseen(wanted: t.Mapping[str, Ports], sockets: Output, processes: Output) -> str:
    """Who has ports that are to be reserved; empty if nobody has."""
    try:
        found = holders(wanted, sockets, processes)
    except Unseen as exc:
        return f"{KNOWN}, and who has which is not seen: {exc.why}"
    return "; ".join([*found, KNOWN]) if found else ""


def _by_protocol(rows_of: t.Iterable[t.Tuple[Place, t.Iterable[Command]]]) -> t.Dict[str, Ports]:
    found: t.Dict[str, Ports] = {}
    for (_family, protocol), changes in rows_of:
        found[protocol] = found.get(protocol, NONE) | ports_of(changes)
    return found


def returning(todo: t.Mapping[Place, Plan]) -> t.Dict[str, Ports]:
    """Ports that go with a row, and are to be reserved again right after, by protocol."""
    found: t.Dict[str, Ports] = {}
    for (_family, protocol), plan in todo.items():
        if plan.back.active:
            found[protocol] = found.get(protocol, NONE) | plan.back.active
    return found


def lost(back: t.Mapping[str, Ports], sockets: Output, processes: Output) -> str:
    """Why these ports would not come back. Empty if they would."""
    try:
        found = holders(back, sockets, processes)
    except Unseen as exc:
        found = [f"who has which is not seen: {exc.why}"]
    if not found:
        return ""
    ports = ", ".join(f"{text(back[protocol])}/{protocol}".replace(",", ", ") for protocol in back)
    return (
        f"nothing was changed: Windows deletes rows as a whole, and could not reserve {ports} again:"
        f" {'; '.join([*found, KNOWN])}"
    )


def holders(wanted: t.Mapping[str, Ports], sockets: Output, processes: Output) -> t.List[str]:
    """Who has which of these ports, which are named by protocol. Raises Unseen where netstat does not tell."""
    if sockets.rc:
        raise Unseen(f"netstat failed (exit status {sockets.rc}): {said(sockets)}")
    found = [row for row in rows(sockets.out) if row.port in wanted.get(row.protocol, NONE)]
    try:
        names = tasks(processes.out)
    except Unseen:
        names = {}
    holding = {(row.protocol, row.port, row.pid) for row in found}
    return [f"{_name(names, pid)} has {port}/{protocol}" for protocol, port, pid in sorted(holding)]


def _name(names: t.Mapping[int, Task], pid: int) -> str:
    if pid == _NOBODY:
        return "a connection in TIME-WAIT"
    name = names[pid].name if pid in names else ""
    return f"{visible(name)} (pid {pid})" if name else f"process {pid}"
