# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Sockets of a Windows host with their processes, and connections from ports in focus.

netstat tells every socket with its process, whoever asks. TCP sockets that are bound and do not listen refuse a bind as
well; only -q tells of them (Windows 10, Server 2016 and later), in rows that but for a word look like listeners': they
are those that netstat without -q does not know. A socket of process 4, the kernel, is HTTP.sys' or the file server's.

Windows lets a port be bound whose connections are all in TIME-WAIT. Those belong to process 0, and are left out.
There is nothing like systemd's socket units.
Source: netstat -ano, netstat -anoq; tasklist /SVC /FO CSV /NH.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.clients import focus_of
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.netstat import Row, rows
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.tasklist import Task, tasks
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.visible import visible
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows.command import ELEVATE, Command, printed

SECTIONS = ("sockets", "clients", "units")

TASKS = Command(("tasklist", "/SVC", "/FO", "CSV", "/NH"))
_BOUND = Command(("netstat", "-anoq"))
_ALL = Command(("netstat", "-ano"))
_NOBODY = 0
_SERVICE_HOST = "svchost.exe"


def commands(request: Request) -> t.Sequence[Command]:
    return (_BOUND, _ALL, TASKS)


def probe(host: Host, request: Request, evidence: Evidence, blind: t.List[Blind]) -> t.Dict[str, t.Any]:
    """Also tells the focus, where connections are asked for. Raises Unseen where netstat does not tell."""
    found = rows(printed(host, _ALL))
    known = _tasks(host, blind)
    holding = [one for one in found if not one.peer]
    listening = set(map(_key, holding))
    sockets = [_record(one, "bound" if one.protocol == "udp" else "listen", known) for one in holding]
    sockets += [_record(one, "bound", known) for one in _bound(host, blind) if _key(one) not in listening]
    _note_services(sockets, blind)
    seen: t.Dict[str, t.Any] = {"sockets": tuple(dict.fromkeys(sockets)), "units": ()}
    if "clients" in request.sections:
        focus = focus_of(request, evidence)
        near = [one for one in found if one.peer and one.pid != _NOBODY and any(a <= one.port <= b for a, b in focus)]
        seen["clients"] = tuple(_record(one, visible(one.state), known) for one in near)
        seen["focus"] = tuple(str(first) if first == last else f"{first}-{last}" for first, last in focus)
    return seen


def _key(row: Row) -> t.Tuple[str, str, int, int]:
    return (row.protocol, row.ip, row.port, row.pid)


def _bound(host: Host, blind: t.List[Blind]) -> t.List[Row]:
    try:
        return [one for one in rows(printed(host, _BOUND)) if one.protocol == "tcp" and not one.peer]
    except Unseen as exc:
        part = "TCP sockets that are bound and do not listen"
        blind.append(Blind("sockets", exc.why, exc.see, part=part, protocol="tcp"))
        return []


def tasks_of(host: Host) -> t.Dict[int, Task]:
    """Processes by their numbers. Raises Unseen."""
    return tasks(printed(host, TASKS))


def _tasks(host: Host, blind: t.List[Blind]) -> t.Dict[int, Task]:
    try:
        return tasks_of(host)
    except Unseen as exc:
        blind.append(Blind("sockets", exc.why, exc.see, part="names of the processes that have sockets", hides=False))
        return {}


def _note_services(sockets: t.Iterable[Socket], blind: t.List[Blind]) -> None:
    """Who may not ask the service manager is told of services no more than that there are none."""
    nameless = {one.pid for one in sockets if one.command.lower() == _SERVICE_HOST and not one.services}
    if nameless:
        part = f"services of {len(nameless)} processes {_SERVICE_HOST}"
        blind.append(Blind("sockets", "tasklist names none", ELEVATE, part, hides=False))


def _record(one: Row, state: str, known: t.Mapping[int, Task]) -> Socket:
    task = known.get(one.pid, Task(""))
    return Socket(
        ip=one.ip,
        protocol=one.protocol,
        port=one.port,
        state=state,
        pid=one.pid,
        command=task.name,
        services=task.services,
        peer=one.peer,
    )
