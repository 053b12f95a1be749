# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Sockets of a Mac, from one run of lsof: those that refuse others their port, and connections from ports in focus.

A user who is not root sees the sockets of his own processes. launchd holds sockets for its jobs as pid 1: there is
nothing beside them like systemd's socket units.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.plugins.module_utils._host import BECOME, Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.clients import focus_of
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.macos.lsof import COMMAND, Entry, entries
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.macos.processes import Process, processes
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.visible import visible

SECTIONS = ("sockets", "clients", "units")

_HOLDING = ("listen", "bound")
_LSOF = "lsof comes with macOS, in /usr/sbin"


def probe(host: Host, request: Request, evidence: Evidence, blind: t.List[Blind]) -> t.Dict[str, t.Any]:
    """Also tells the focus, where connections are asked for. Raises Unseen where lsof does not tell."""
    found = _once(entries(_printed(host)))
    focus = focus_of(request, evidence) if "clients" in request.sections else ()
    sockets = [one for one in found if _holds(one)]
    clients = [one for one in found if not _holds(one) and any(first <= one.port <= last for first, last in focus)]
    known = processes(host, {one.pid for one in sockets + clients}, request.command_lines)
    _note_others(host, blind)
    seen: t.Dict[str, t.Any] = {
        "sockets": tuple(_record(one, known.get(one.pid)) for one in sockets),
        "clients": tuple(_record(one, known.get(one.pid)) for one in clients),
        "units": (),
    }
    if "clients" in request.sections:
        seen["focus"] = tuple(str(first) if first == last else f"{first}-{last}" for first, last in focus)
    return seen


def _holds(one: Entry) -> bool:
    return one.protocol == "udp" or one.state in _HOLDING


def _printed(host: Host) -> str:
    """lsof's exit status is 1 where it finds nothing, too; then it is silent."""
    try:
        answer = host.run(*COMMAND)
    except Unseen as exc:
        raise Unseen(exc.why, exc.see or _LSOF) from exc
    if answer.rc and not answer.out and answer.err.strip():
        raise Unseen(f"lsof: {visible(' '.join(answer.err.split()))[:200]}")
    return answer.out


def _once(found: t.Iterable[Entry]) -> t.List[Entry]:
    """Of several processes that share a socket the topmost parent, such as the master of some workers."""
    sharing: t.Dict[t.Tuple[t.Any, ...], t.Dict[int, Entry]] = {}
    for one in found:
        key = (one.protocol, one.port, one.ip, one.state, one.peer, one.device)
        sharing.setdefault(key, {})[one.pid] = one
    return [_topmost(sharing[key]) for key in sorted(sharing)]


def _topmost(sharing: t.Mapping[int, Entry]) -> Entry:
    return next((sharing[pid] for pid in sorted(sharing) if sharing[pid].parent not in sharing), sharing[min(sharing)])


def _record(one: Entry, process: t.Optional[Process]) -> Socket:
    known = process or Process()
    peer = f"[{one.peer[0]}]:{one.peer[1]}" if ":" in one.peer[0] else f"{one.peer[0]}:{one.peer[1]}"
    return Socket(
        ip=one.ip,
        protocol=one.protocol,
        port=one.port,
        state=one.state,
        uid=one.uid,
        inode=int(one.device) if one.device.isdecimal() and len(one.device) < 16 else 0,  # a Mac's is an address
        pid=one.pid,
        started=known.started,
        command=known.command or one.command,
        command_line=known.arguments,
        peer=peer if one.peer[1] else "",
        label=known.label,
    )


def _note_others(host: Host, blind: t.List[Blind]) -> None:
    """lsof shows other users' processes to root only, and does not say what it leaves out."""
    try:
        user = host.run("id", "-u").out.strip()
    except Unseen:
        user = ""
    if user != "0":
        for section in ("sockets", "clients"):
            blind.append(Blind(section, "lsof shows them to root only", BECOME, f"{section} of other users' processes"))
