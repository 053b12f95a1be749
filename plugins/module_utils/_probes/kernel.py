# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The kernel's settings that decide who may bind what, and the addresses that there are to bind.

Source: /proc/sys/net as in ip-sysctl.rst and nf_conntrack-sysctl.rst; rtnetlink(7), else /proc/net.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Address, Kernel
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Refused, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.proc_addresses import (
    parse_fib_trie,
    parse_if_inet6,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rtnetlink import Link, addresses_of, links_of

SECTIONS = ("kernel",)

_NET = "/proc/sys/net"
_IPV6 = f"{_NET}/ipv6"


def probe(host: Host, request: Request, evidence: Evidence, blind: t.List[Blind]) -> t.Dict[str, Kernel]:
    """Raises Unseen where /proc/sys cannot be read; a setting that this kernel does not have is None."""
    release = host.read("/proc/sys/kernel/osrelease").strip()
    links = _links(host)
    return {
        "kernel": Kernel(
            release=release,
            port_range=_port_range(host, blind),
            reserved=parse_ranges(_setting(host, f"{_NET}/ipv4/ip_local_reserved_ports")),
            unprivileged_start=_number(host, f"{_NET}/ipv4/ip_unprivileged_port_start"),
            bindv6only=_switch(host, f"{_IPV6}/bindv6only"),
            nonlocal_bind=_switch(host, f"{_NET}/ipv4/ip_nonlocal_bind"),
            nonlocal_bind6=_switch(host, f"{_IPV6}/ip_nonlocal_bind"),
            ipv6=_has_ipv6(host),
            addresses=_addresses(host, links, blind),
            bridges=_bridges(host, links),
            conntrack_count=_number(host, f"{_NET}/netfilter/nf_conntrack_count"),
            conntrack_max=_number(host, f"{_NET}/netfilter/nf_conntrack_max"),
        )
    }


def _port_range(host: Host, blind: t.List[Blind]) -> t.Tuple[int, ...]:
    path = f"{_NET}/ipv4/ip_local_port_range"
    try:
        text = host.read(path)
    except Unseen as exc:
        blind.append(Blind("kernel", exc.why, exc.see, part="the ports that connections are given"))
        return ()
    return parse_range(text)


def parse_range(text: str) -> t.Tuple[int, ...]:
    """`32768\\t60999`. () for text that is no range."""
    words = text.split()
    return tuple(map(int, words)) if len(words) == 2 and all(word.isdigit() for word in words) else ()


def parse_ranges(text: str) -> t.Tuple[t.Tuple[int, ...], ...]:
    """`8080,9000-9100`, or nothing."""
    pairs = (part.partition("-") for part in text.strip().split(",") if part)
    return tuple((int(first), int(last or first)) for first, _dash, last in pairs)


def _setting(host: Host, path: str) -> str:
    """Empty where this kernel does not have the setting. Raises Refused where this user may not read it."""
    try:
        return host.read(path).strip()
    except Refused:
        raise
    except Unseen:
        return ""


def _number(host: Host, path: str) -> t.Optional[int]:
    text = _setting(host, path)
    return int(text) if text.lstrip("-").isdigit() else None


def _switch(host: Host, path: str) -> t.Optional[bool]:
    number = _number(host, path)
    return None if number is None else number != 0


def _has_ipv6(host: Host) -> bool:
    """Whether the kernel has IPv6, and any interface has it enabled."""
    try:
        interfaces = set(host.names(f"{_IPV6}/conf")) - {"all", "default"}
    except Unseen:
        return False
    return any(_number(host, f"{_IPV6}/conf/{name}/disable_ipv6") == 0 for name in sorted(interfaces))


def _links(host: Host) -> t.Optional[t.Tuple[Link, ...]]:
    try:
        return links_of(host)
    except Unseen:
        return None


def _addresses(host: Host, links: t.Optional[t.Tuple[Link, ...]], blind: t.List[Blind]) -> t.Tuple[Address, ...]:
    names = {link.number: link.name for link in links or ()}
    try:
        return addresses_of(host, names)
    except Unseen as refusal:
        return _printed_addresses(host, refusal, blind)


def _printed_addresses(host: Host, refusal: Unseen, blind: t.List[Blind]) -> t.Tuple[Address, ...]:
    try:
        ipv4 = parse_fib_trie(host.read("/proc/net/fib_trie"))
        return (*ipv4, *parse_if_inet6(_setting(host, "/proc/net/if_inet6")))
    except Unseen as exc:
        blind.append(Blind("kernel", f"{refusal.why}, and {exc.why}", exc.see, part="addresses"))
    except ValueError as exc:
        blind.append(Blind("kernel", f"{refusal.why}, and /proc/net/if_inet6: {exc}", part="addresses"))
    return ()


def _bridges(host: Host, links: t.Optional[t.Tuple[Link, ...]]) -> t.Tuple[str, ...]:
    if links is not None:
        return tuple(sorted(link.name for link in links if link.kind == "bridge"))
    try:
        names = host.names("/sys/class/net")
    except Unseen:
        return ()
    return tuple(sorted(name for name in names if _is_bridge(host, name)))


def _is_bridge(host: Host, name: str) -> bool:
    try:
        host.names(f"/sys/class/net/{name}/bridge")
    except Unseen:
        return False
    return True
