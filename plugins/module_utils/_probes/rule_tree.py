# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Tables, chains and rules of netfilter, whichever tool printed them."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import MAX_PORT

Ports = t.Tuple[t.Tuple[int, int], ...]

PROTOCOL_NUMBERS = {"6": "tcp", "17": "udp", "132": "sctp"}  # iptables prints a number where /etc/protocols lacks it


class RulesError(ValueError):
    """A tool's output that is no whole ruleset. The message quotes the line or the part at fault."""


class Rule(t.NamedTuple):
    """A rule, or one branch of it: a verdict map of nft is a branch an element, all of one text and position.

    text: exactly as printed; for nft as `nft` would print it. position: in its chain, from 1. handle: nft's.
    verdict: accept, drop (reject too), return, dnat, redirect (tproxy too), jump, goto, or "" where it decides nothing.
    target: the chain of a jump or goto; else the target's name as printed.
    ips, ports: destinations matched, () for any. family: ip or ip6 where a rule of an inet table says so.
    local: matches addresses of this host only. spares_loopback: it leaves 127.0.0.0/8 or ::1 out.
    to_ip, to_first, to_last: where dnat and redirect send to, the first address of several; "" and 0: as it was.
    interfaces: all that it names. condition: what else it matches on; such a rule catches a part of the traffic.
    opaque: nft does not tell all of it, for it is an extension of iptables.
    """

    text: str
    position: int
    verdict: str = ""
    target: str = ""
    family: str = ""
    protocol: str = ""
    ips: t.Tuple[str, ...] = ()
    ports: Ports = ()
    in_interface: str = ""
    not_in_interface: str = ""
    interfaces: t.Tuple[str, ...] = ()
    local: bool = False
    spares_loopback: bool = False
    to_ip: str = ""
    to_first: int = 0
    to_last: int = 0
    condition: str = ""
    handle: t.Optional[int] = None
    opaque: bool = False


class Chain(t.NamedTuple):
    """hook: prerouting, input, forward, output, postrouting, or "" for a chain that is only jumped to.

    policy: ACCEPT, DROP or "". size: how many rules it has, branches not counted.
    """

    name: str
    hook: str
    policy: str
    rules: t.Tuple[Rule, ...]
    size: int


class Table(t.NamedTuple):
    """backend: iptables-nft, iptables-legacy or nft. family: ip, ip6 or inet."""

    backend: str
    family: str
    name: str
    chains: t.Dict[str, Chain]


def port_range(text: str, between: str) -> t.Tuple[int, int]:
    """`80` or `80:90` with `:` between. Raises ValueError."""
    first, _between, last = text.partition(between)
    ports = int(first), int(last or first)
    if not 0 <= ports[0] <= ports[1] <= MAX_PORT:
        raise ValueError(f"{text!r} is no range of ports")
    return ports


def all_but(ports: Ports) -> Ports:
    """The ports that are left."""
    left, start = [], 1
    for first, last in sorted(ports):
        if first > start:
            left.append((start, first - 1))
        start = max(start, last + 1)
    return (*left, (start, MAX_PORT)) if start <= MAX_PORT else tuple(left)
