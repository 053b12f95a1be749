# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Rules of Docker's that no container stands behind any more.

An engine that is killed leaves its rules, and its next start rebuilds its own chains and no others. Such a rule refuses
no bind: it takes the traffic of whoever has the port, and as rules are appended, before the right one (first match).

A rule is an orphan only if it has the form that Docker writes, its target lies in a network of Docker's or it names a
bridge of Docker's that is gone, and no running container has that target and that publication. A rule of another form
in Docker's chain, or with a target elsewhere, was written by somebody else: it is foreign, and nobody's to remove.
A rule of a port that the engine itself still has for no container is an endpoint's (see `ghost_endpoint`), and stays:
without it the port looks like that of a docker-proxy whose end would free it, while the engine goes on to refuse it.
Source: moby, libnetwork's bridge driver, 20.10 to 29; moby issues 32048, 30558, 15151.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._core.docker_inventory import Inventory, serves
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Publication
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import NatRule
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.plugins.module_utils._core.undecided import Undecided

_LINK_LOCAL = "! -s fe80::/10"  # in every IPv6 rule of engine 28 and later
_LINK_LOCAL_NFT = "ip6 saddr != fe80::/10"
_LISTENERS = ("docker-proxy", "dockerd")
_EVERYWHERE = ("", "0.0.0.0", "::")
_OTHER_FAMILY = {True: ("ip",), False: ("ip6",)}  # of a listener, by whether it has an IPv6 address


@dataclass(frozen=True)
class Orphan:
    """why: in one line. shadows: it precedes a running container's rule for the same port, and takes its traffic."""

    rule: NatRule
    why: str
    shadows: bool = False


def orphans(evidence: Evidence) -> t.Tuple[Orphan, ...]:
    """Rules of Docker's without a container. Raises Undecided where a container may exist that was not seen.

    What was read at different moments may contradict itself for an instant: look again before you remove one.
    """
    rules = _dockers(evidence, "dnat", "drop")
    if not rules:
        return ()
    inventory = Inventory(evidence)
    kept = _kept(rules, evidence, inventory)
    judged = [(rule, "" if id(rule) in kept else _why(rule, inventory)) for rule in rules]
    live = [rule for rule, why in judged if not why and rule.action == "dnat"]
    judged += [
        (rule, f"it names {rule.not_in_interface}, which is gone") for rule in live if _is_stale(rule, live, inventory)
    ]
    stale = {id(rule) for rule, why in judged if why}
    live = [rule for rule in live if id(rule) not in stale]
    found = [Orphan(rule, why, any(_shadows(rule, one) for one in live)) for rule, why in judged if why]
    return tuple(found)


def foreign(evidence: Evidence) -> t.Tuple[NatRule, ...]:
    """Rules in Docker's chains that Docker did not write; it never redirects. Raises Undecided as `orphans` does."""
    rules = [
        rule for rule in _dockers(evidence, "dnat", "redirect") if rule.owner == "docker" or rule.action == "redirect"
    ]
    inventory = Inventory(evidence) if any(rule.action == "dnat" for rule in rules) else None
    return tuple(
        rule for rule in rules if inventory is None or rule.action == "redirect" or _is_foreign(rule, inventory)
    )


def _dockers(evidence: Evidence, *actions: str) -> t.List[NatRule]:
    """Raises Undecided where the rules were not seen."""
    if evidence.nat is None:
        raise Undecided(evidence.unseen("nat"))
    return [r for r in evidence.nat if r.owner in ("docker", "swarm") and r.action in actions]


def _kept(rules: t.Iterable[NatRule], evidence: Evidence, inventory: Inventory) -> t.Set[int]:
    """Ids of rules that serve a listener of the engine's that no container publishes."""
    alone = [
        one
        for one in evidence.sockets or ()
        if one.command in _LISTENERS and not any(_publishes(published, one) for published in inventory.published)
    ]
    own = [rule for rule in rules if any(_is_of(rule, one) for one in alone)]
    targets = {rule.to_ip for rule in own if rule.to_ip}
    apart = [rule for rule in rules if rule.action == "drop" and not rule.first and rule.ip in targets]
    return {id(rule) for rule in (*own, *apart)}


def _publishes(one: Publication, listener: Socket) -> bool:
    same_ip = one.ip in _EVERYWHERE or one.ip == listener.ip
    return one.protocol == listener.protocol and one.first <= listener.port <= one.last and same_ip


def _is_of(rule: NatRule, listener: Socket) -> bool:
    """A rule for every address is that of a listener on every address of its family."""
    same_family = rule.family not in _OTHER_FAMILY[":" in listener.ip]
    same_ip = same_family and rule.ip == ("" if listener.ip in _EVERYWHERE else listener.ip)
    return rule.protocol == listener.protocol and rule.first <= listener.port <= rule.last and same_ip


def _why(rule: NatRule, inventory: Inventory) -> str:
    """Why a rule is an orphan; empty for one that is not."""
    if rule.action == "drop":
        return _why_drop(rule, inventory)
    if not rule.to_ip:  # the program that printed it does not tell where it sends to
        return ""
    if rule.owner == "swarm":
        known = rule.to_ip in inventory.owners or not inventory.has_ingress
        return "" if known else f"no endpoint has {rule.to_ip}"
    if _is_foreign(rule, inventory) or any(serves(one, rule) for one in inventory.starting):
        return ""
    owners = inventory.owners.get(rule.to_ip)
    if owners is None:
        return f"no running container has {rule.to_ip}"
    served = any(one.container in owners and serves(one, rule) for one in inventory.published)
    if served or not all(
        one in inventory.names for one in owners
    ):  # swarm's end points, and those that have no container
        return ""
    who = ", ".join(sorted(inventory.names[one] for one in owners))
    return f"{who} has {rule.to_ip}, and does not publish {rule.to_first or rule.first} on {rule.first}/{rule.protocol}"


def _why_drop(rule: NatRule, inventory: Inventory) -> str:
    """Two forms, written since engine 28: a port published on loopback, and an address apart from its bridge."""
    if inventory.any_starting:
        return ""
    if rule.not_in_interface == "lo":
        mine = [one for one in inventory.published if one.ip == rule.ip and one.protocol == rule.protocol]
        held = not rule.first or any(one.first <= rule.first <= one.last for one in mine)
        return "" if held else f"no running container publishes {rule.ip}:{rule.first}/{rule.protocol}"
    if not rule.ip or not rule.not_in_interface or rule.condition:
        return ""
    if rule.ip not in inventory.owners:
        return f"no running container has {rule.ip}"
    bridges = inventory.bridges.get(rule.ip, set()) - {""}
    elsewhere = bridges and rule.not_in_interface not in bridges
    return f"{rule.ip} is on {', '.join(sorted(bridges))}, not on {rule.not_in_interface}" if elsewhere else ""


def _is_foreign(rule: NatRule, inventory: Inventory) -> bool:
    """Whether a rule in Docker's chain has another form than Docker's, or sends to where Docker has no network."""
    formed = (
        rule.condition in ("", _LINK_LOCAL, _LINK_LOCAL_NFT)
        and not rule.in_interface
        and 0 < rule.first == rule.last
        and bool(rule.protocol)
    )
    within = not rule.to_ip or rule.to_ip in inventory.owners or inventory.is_within(rule.to_ip)
    return not formed or not (within or inventory.is_gone(rule.not_in_interface))


def _is_stale(rule: NatRule, live: t.Iterable[NatRule], inventory: Inventory) -> bool:
    """A rule of a network that was made anew: its bridge is gone, and another rule does its work."""
    if not inventory.is_gone(rule.not_in_interface):
        return False
    return any(_same_work(rule, one) and not inventory.is_gone(one.not_in_interface) for one in live)


def _same_work(rule: NatRule, other: NatRule) -> bool:
    return _work(rule) == _work(other)


def _work(rule: NatRule) -> t.Tuple[t.Any, ...]:
    return (rule.backend, rule.family, rule.protocol, rule.ip, rule.first, rule.to_ip, rule.to_first)


def _shadows(rule: NatRule, live: NatRule) -> bool:
    """The first rule of a chain that matches wins."""
    where = (rule.backend, rule.family, rule.table, rule.chain)
    if where != (live.backend, live.family, live.table, live.chain) or rule.position >= live.position:
        return False
    same_ip = not rule.ip or not live.ip or rule.ip == live.ip
    same_ports = max(rule.first, live.first) <= min(rule.last, live.last)
    return rule.action == "dnat" and same_ip and same_ports and rule.protocol == live.protocol
