# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The kernel's socket tables: through netlink, else from /proc/net."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import inet_diag
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.inet_diag import Row

Ports = t.Sequence[t.Tuple[int, int]]
FOLDER = "/proc/net"


def told_tcp(host: Host, states: int, ports: Ports = ()) -> t.List[Row]:
    """By netlink. Raises Unseen."""
    return parsed(lambda: inet_diag.rows(host.netlink(inet_diag.PROTOCOL, inet_diag.tcp(states, ports)), "tcp"))


def begin_tcp(host: Host, states: int) -> t.Callable[[], t.List[Row]]:
    """The same, while the caller does something else. What is returned raises Unseen."""
    answer = host.begin_netlink(inet_diag.PROTOCOL, inet_diag.tcp(states))
    return lambda: parsed(lambda: inet_diag.rows(answer(), "tcp"))


def udp_rows(host: Host, states: int = inet_diag.UDP, ports: Ports = ()) -> t.List[Row]:
    """By netlink, else from /proc/net, which tells all but v6only. Raises Unseen."""
    requests = [inet_diag.udp(family, states, ports) for family in (inet_diag.AF_INET, inet_diag.AF_INET6)]
    try:
        return parsed(
            lambda: (
                row for request in requests for row in inet_diag.rows(host.netlink(inet_diag.PROTOCOL, request), "udp")
            )
        )
    except Unseen:
        return proc_rows(host, "udp", states, ports)


def proc_rows(host: Host, protocol: str, states: int, ports: Ports = ()) -> t.List[Row]:
    """From /proc/net, where a kernel without IPv6 has half of the tables. Raises Unseen."""
    from ansible_collections.dockmaster.ports.plugins.module_utils._probes import (
        proc_net,
    )

    there = host.names(FOLDER)
    tables = [name for name in proc_net.TABLES[protocol] if name in there]
    if not tables:
        raise Unseen(f"{FOLDER}/{protocol}: no such file")
    texts = [host.read(f"{FOLDER}/{table}") for table in tables]
    return parsed(lambda: (row for text in texts for row in proc_net.parse_table(text, protocol, states, ports)))


def parsed(parse: t.Callable[[], t.Iterable[Row]]) -> t.List[Row]:
    """Raises Unseen, also where the kernel's answer cannot be understood."""
    try:
        return list(parse())
    except (ValueError, IndexError) as exc:
        raise Unseen(f"the kernel's table of sockets: {exc}") from exc
