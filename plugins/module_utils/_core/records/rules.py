# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Records of sections nat and firewall."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass


@dataclass(frozen=True)
class NatRule:
    """A rule that sends packets for a port elsewhere, or drops them before they arrive: DNAT, REDIRECT, raw DROP.

    Source: iptables-nft-save, iptables-legacy-save, ip6tables-*-save, nft -j list ruleset; /proc/net/ip_vs.
    backend: iptables-nft, iptables-legacy, nft or ipvs (a virtual service of the kernel's, in no chain).
    family: ip, ip6 or inet; position: in its chain, from 1.
    text: exactly as printed (nft: in its words, counters without numbers), so that this very rule can be removed;
    handle: nft's. A rule that names several ports or addresses is several records of one text and position.
    ip: destination address that is matched, "" for any; first, last: destination ports that are matched, 0 for any.
    action: dnat, redirect, drop, return, accept. return and accept: they spare traffic a later rule of the chain.
    to_*: where dnat and redirect send to, the first of several; "" and 0: it stays as it is, or is not told.
    hooks: of the built-in chains that reach this chain: prerouting, output; none: the rule is dead.
    local_only: it is reached for local destinations only (addrtype LOCAL).
    owner: who writes such chains: docker, swarm, kubernetes, cni, netavark, libvirt, wsl, other.
    condition: what else the rule, or every jump to it, matches on, as text (a destination network, a source, ...);
    such a rule catches only a part of the traffic.
    """

    backend: str
    family: str
    table: str
    chain: str
    position: int
    text: str
    action: str
    protocol: str = ""
    ip: str = ""
    first: int = 0
    last: int = 0
    in_interface: str = ""
    not_in_interface: str = ""
    to_ip: str = ""
    to_first: int = 0
    to_last: int = 0
    hooks: t.Tuple[str, ...] = ()
    local_only: bool = False
    owner: str = "other"
    condition: str = ""
    handle: t.Optional[int] = None


@dataclass(frozen=True)
class Ruleset:
    """One family in one backend: which chains there are and which are jumped to. Source: as NatRule.

    There is one for each backend and family that was seen, rules or not; tables of family inet count for both.
    backend: iptables-nft, iptables-legacy or nft; family: ip or ip6.
    chains: built-in ones and Docker's, "nat/DOCKER"; jumps: to Docker's chains, "nat/PREROUTING > DOCKER".
    rules: how many there are in all; docker_rules: those in Docker's chains or naming its bridges.
    forward_jumps: targets of FORWARD's rules in order; forward_policy, input_policy: ACCEPT, DROP or "".
    user_rules: text of the rules in DOCKER-USER.
    nat_output_spares_loopback: OUTPUT's jump has ! -d 127.0.0.0/8 (or ::1): so it is with the userland proxy.
    """

    backend: str
    family: str
    tables: t.Tuple[str, ...] = ()
    chains: t.Tuple[str, ...] = ()
    jumps: t.Tuple[str, ...] = ()
    rules: int = 0
    docker_rules: int = 0
    forward_policy: str = ""
    input_policy: str = ""
    forward_jumps: t.Tuple[str, ...] = ()
    user_rules: t.Tuple[str, ...] = ()
    nat_prerouting_jump: bool = False
    nat_output_jump: bool = False
    nat_output_spares_loopback: t.Optional[bool] = None


@dataclass(frozen=True)
class Firewall:
    """What else filters. iptables: what `iptables` in the PATH is: nf_tables, legacy or "" (none).

    firewalld, ufw: active, inactive or absent. ip_forward, ip6_forward: None where not seen.
    """

    rulesets: t.Tuple[Ruleset, ...] = ()
    iptables: str = ""
    firewalld: str = "absent"
    ufw: str = "absent"
    ip_forward: t.Optional[bool] = None
    ip6_forward: t.Optional[bool] = None
