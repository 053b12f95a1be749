# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Connections whose own port somebody asks for: an outgoing one, or one in TIME-WAIT, refuses a bind as a server does.

A busy host has a hundred thousand connections: the kernel filters them by port, and only ports in the focus are asked
for. Connections that a listening socket accepted are among them; what explains them is for claims to say.
Source: sock_diag(7), else /proc/net.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.inet_diag import CONNECTIONS, Row
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.socket_records import records_of
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.socket_tables import (
    Ports,
    proc_rows,
    told_tcp,
    udp_rows,
)

SECTIONS = ("clients",)

MOST = 64  # connections that are reported from one address and port: one is enough to judge by
_RANGES = 64  # that the kernel is asked for; it compares every connection with each of them
_CONNECTED_UDP = 1 << 1


def probe(host: Host, request: Request, evidence: Evidence, blind: t.List[Blind]) -> t.Dict[str, t.Tuple[t.Any, ...]]:
    """Also tells the focus. Raises Unseen where neither netlink nor /proc/net tells of connections."""
    focus = focus_of(request, evidence)
    rows = _at_most(MOST, _rows(host, focus), blind) if focus else []
    records = records_of(host, request, "clients", [rows], blind)
    return {"clients": records, "focus": tuple(_text(first, last) for first, last in focus)}


def focus_of(request: Request, evidence: Evidence) -> t.Tuple[t.Tuple[int, int], ...]:
    """The ports that somebody asks for, and those of every publication."""
    published = [(one.first, one.last) for one in evidence.publications or () if one.first]
    return tuple(merged([*request.focus, *published]))


def merged(ranges: t.Iterable[t.Tuple[int, int]]) -> t.Iterator[t.Tuple[int, int]]:
    """The same ports in rising ranges that do not touch."""
    current: t.Optional[t.Tuple[int, int]] = None
    for first, last in sorted(ranges):
        if current and first <= current[1] + 1:
            current = (current[0], max(current[1], last))
        else:
            if current:
                yield current
            current = (first, last)
    if current:
        yield current


def coarser(ranges: Ports, most: int) -> Ports:
    """At most so many ranges that hold them all: those that are nearest to one another become one."""
    gaps = sorted(range(1, len(ranges)), key=lambda i: ranges[i][0] - ranges[i - 1][1])
    joined = set(gaps[: max(0, len(ranges) - most)])
    result: t.List[t.Tuple[int, int]] = []
    for i, (first, last) in enumerate(ranges):
        if i in joined:
            result[-1] = (result[-1][0], last)
        else:
            result.append((first, last))
    return result


def _rows(host: Host, focus: Ports) -> t.Iterator[Row]:
    asked = coarser(focus, _RANGES)
    try:
        rows = told_tcp(host, CONNECTIONS, asked)
    except Unseen:
        rows = proc_rows(host, "tcp", CONNECTIONS, asked)
    rows += udp_rows(host, _CONNECTED_UDP, asked)
    return (row for row in rows if any(first <= row.port <= last for first, last in focus))


def _at_most(most: int, rows: t.Iterable[Row], blind: t.List[Blind]) -> t.List[Row]:
    """The first so many of each address and port; the others are counted."""
    seen: t.Dict[t.Tuple[str, str, int], int] = {}
    kept = []
    for row in rows:
        key = (row.protocol, row.ip, row.port)
        seen[key] = seen.get(key, 0) + 1
        if seen[key] <= most:
            kept.append(row)
    more = sum(count - most for count in seen.values() if count > most)
    if more:
        why = f"at most {most} connections from one address and port are reported"
        blind.append(Blind("clients", why, part=f"{more} more connections", hides=False))
    return kept


def _text(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"
