# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""From what the kernel tells of sockets, and what /proc tells of processes, to records."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.inet_diag import Row
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.owners import owners_of
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.processes import Owner
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request

BIND_PROBE = "port_check tries the port itself (bind_probe: true)"
_NOBODY = Owner(None)


def records_of(
    host: Host, request: Request, section: str, batches: t.Iterable[t.List[Row]], blind: t.List[Blind]
) -> t.Tuple[Socket, ...]:
    """A record a socket, sorted; owners that are hidden from this user are noted once.

    batches: the next is asked for when the owners of the one before are found.
    """
    rows: t.List[Row] = []
    found: t.Dict[int, Owner] = {}
    hidden: t.Optional[Unseen] = None
    for batch in batches:
        rows += batch
        owners = owners_of(host, {row.inode for row in batch} - set(found), request.command_lines)
        found.update(owners.found)
        hidden = hidden or owners.hidden
    rows = sorted(dict.fromkeys(rows), key=lambda row: (row.protocol, row.port, row.ip, row.inode))
    if hidden:
        _note_hidden(section, hidden, sum(row.inode != 0 and row.inode not in found for row in rows), blind)
    names = interface_names(host) if any(row.interface for row in rows) else {}
    return tuple([_record(row, found.get(row.inode, _NOBODY), names) for row in rows])


def _note_hidden(section: str, hidden: Unseen, missing: int, blind: t.List[Blind]) -> None:
    part = f"owners of {missing} socket{'s' if missing != 1 else ''}"
    blind.append(Blind(section, hidden.why, hidden.see, part=part, hides=False))


def interface_names(host: Host) -> t.Dict[int, str]:
    """By index; one that is not seen has its index for a name.

    Imports what few hosts need: a target compiles whatever is imported, each time.
    """
    from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rtnetlink import (
        links_of,
    )

    try:
        return {link.number: link.name for link in links_of(host)}
    except Unseen:
        return {}


def _record(row: Row, owner: Owner, names: t.Mapping[int, str]) -> Socket:
    """By position: a record a socket, and a busy host has thousands."""
    interface = names.get(row.interface, str(row.interface)) if row.interface else ""
    return Socket(
        row.ip,
        row.protocol,
        row.port,
        row.state,
        row.v6only,
        row.uid,
        row.inode,
        interface,
        owner.pid,
        owner.started,
        owner.command,
        owner.command_line,
        owner.unit,
        owner.container,
        _peer(*row.peer),
    )


def _peer(ip: str, port: int) -> str:
    if not port:
        return ""
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"
