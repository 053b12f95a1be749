# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Records of section published_policy."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass


@dataclass(frozen=True)
class PolicyPlace:
    """The rules of a policy in one tool. Source: what the tool prints, against what the policy asks for.

    tool: iptables-nft, ip6tables-nft, iptables-legacy, ip6tables-legacy or nftables.
    state: as of PublishedPolicy. open_at: where packets pass without meeting the policy, "FORWARD of ip6tables".
    lacking, foreign: rules and members of sets that should be there and are not, and the other way: the first of them,
    `more` says how many others differ. None where only their order differs, and for nftables.
    """

    tool: str
    state: str
    open_at: t.Tuple[str, ...] = ()
    lacking: t.Tuple[str, ...] = ()
    foreign: t.Tuple[str, ...] = ()
    more: int = 0


@dataclass(frozen=True)
class PolicyReach:
    """Who may reach a published port, as far as the policy goes. Source: its rules, played through.

    published: a binding, [::]:8080/tcp. who: everybody, nobody, only, everybody except, this host (loopback).
    sources: addresses and networks, for only and everybody except, the first of them; more: how many others.
    host_ip, in_interface: of which connections this is said; empty: of all that no other record names.
    """

    published: str
    who: str
    sources: t.Tuple[str, ...] = ()
    more: int = 0
    host_ip: str = ""
    in_interface: str = ""


@dataclass(frozen=True)
class PublishedPolicy:
    """The policy for published ports, of module docker_firewall. Source: its file, the rules, its systemd units.

    state: absent (there is none); present (the rules are the policy's); drifted (they differ); jump_missing (packets
    pass without meeting it: what it closes is open); left (rules, and no policy).
    backend: iptables-nft, iptables-legacy or nftables. default: allow or deny; rules: how many it has.
    trial: whether it will be taken back unless it is confirmed. trusted_interfaces: who comes by them is let in.
    troubles: what keeps it from coming back by itself, "dockmaster-firewall.service does not run".
    reach: of the ports that are published; of a family whose rules drifted nothing is said.
    """

    state: str = "absent"
    backend: str = ""
    default: str = ""
    rules: int = 0
    trial: bool = False
    trusted_interfaces: t.Tuple[str, ...] = ()
    places: t.Tuple[PolicyPlace, ...] = ()
    troubles: t.Tuple[str, ...] = ()
    reach: t.Tuple[PolicyReach, ...] = ()
