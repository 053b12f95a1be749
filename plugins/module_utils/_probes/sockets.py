# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Sockets that refuse others their port: TCP that listens or is only bound, UDP, SCTP.

Source: sock_diag(7), else /proc/net; /proc/net/sctp/eps for SCTP, because asking netlink for it may load its module.
UDP-Lite has ports of its own, and no engine publishes any.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import inet_diag
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.inet_diag import Row
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.socket_records import BIND_PROBE, records_of
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.socket_tables import (
    FOLDER,
    begin_tcp,
    parsed,
    proc_rows,
    told_tcp,
    udp_rows,
)

SECTIONS = ("sockets",)

_TELLS_BOUND = (6, 8)  # the first Linux that shows TCP sockets that are bound and do not listen


def probe(host: Host, request: Request, evidence: Evidence, blind: t.List[Blind]) -> t.Dict[str, t.Tuple[Socket, ...]]:
    """Raises Unseen where neither netlink nor /proc/net tells the sockets of TCP or UDP."""
    return {"sockets": records_of(host, request, "sockets", _batches(host, blind), blind)}


def _batches(host: Host, blind: t.List[Blind]) -> t.Iterator[t.List[Row]]:
    """The kernel's table of bound sockets has every connection in it: it is walked while owners are looked for."""
    bound = begin_tcp(host, inet_diag.BOUND)
    yield rows_of(host, blind)
    yield _bound(host, bound, blind)


def rows_of(host: Host, blind: t.List[Blind]) -> t.List[Row]:
    """What the kernel tells at once, before anybody asks who has the sockets open."""
    try:
        tcp = told_tcp(host, inet_diag.LISTEN)
    except Unseen:
        tcp = proc_rows(host, "tcp", inet_diag.LISTEN)
    return tcp + udp_rows(host) + _sctp(host, blind)


def _bound(host: Host, bound: t.Callable[[], t.List[Row]], blind: t.List[Blind]) -> t.List[Row]:
    try:
        rows = bound()
    except Unseen as exc:
        _note(blind, "tcp", f"{exc.why}, and /proc/net does not tell of them")
        return []
    release = _release(host)
    if not rows and kernel_version(release) < _TELLS_BOUND:
        _note(blind, "tcp", f"Linux {release or 'of unknown release'} does not tell of them (6.8 and later do)")
    return rows


def _release(host: Host) -> str:
    try:
        return host.read("/proc/sys/kernel/osrelease").strip()
    except Unseen:
        return ""


def kernel_version(release: str) -> t.Tuple[int, ...]:
    """6.18.44-generic is (6, 18); () for text that is no release."""
    match = re.match(r"(\d+)\.(\d+)", release)
    return tuple(map(int, match.groups())) if match else ()


def _sctp(host: Host, blind: t.List[Blind]) -> t.List[Row]:
    """None where the kernel has no SCTP or has not loaded it: then no socket of it can be."""
    if "sctp" not in host.names(FOLDER):
        return []
    from ansible_collections.dockmaster.ports.plugins.module_utils._probes import proc_net

    _note(blind, "sctp", "the kernel does not tell of them")
    try:
        text = host.read(f"{FOLDER}/sctp/eps")
        return parsed(lambda: proc_net.parse_sctp(text))
    except Unseen as exc:
        blind.append(Blind("sockets", exc.why, exc.see or BIND_PROBE, part="SCTP sockets", protocol="sctp"))
        return []


def _note(blind: t.List[Blind], protocol: str, why: str) -> None:
    part = f"{protocol.upper()} sockets that are bound and do not listen"
    blind.append(Blind("sockets", why, BIND_PROBE, part=part, protocol=protocol))
