# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Published ports whose DNAT rule is gone: a flush removed it, and the engine does not notice.

With the userland proxy such a port still answers, past the rules of DOCKER-USER; without it, it does not answer at all.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.docker_chains import (
    writes_ipv6_rules,
    writes_rules,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.docker_inventory import RUNNING, serves
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Engine, Publication
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import NatRule
from ansible_collections.dockmaster.ports.plugins.module_utils._core.undecided import Undecided


def unrouted(evidence: Evidence) -> t.Tuple[Publication, ...]:
    """Publications of running containers without a rule that leads to them.

    Raises Undecided where such a rule may be hidden.
    """
    engines = {one.endpoint: one for one in evidence.engine or () if writes_rules(one)}
    mine = [one for one in evidence.publications or () if one.actual and one.first and one.engine in engines]
    addresses = _addresses(evidence)
    expected = [one for one in mine if _is_translated(one, engines[one.engine], addresses.get(one.container, set()))]
    rules = [rule for rule in evidence.nat or () if rule.action == "dnat" and rule.hooks]
    lacking = tuple(one for one in expected if not _is_served(one, addresses[one.container], rules))
    if lacking:
        _check_whole(evidence)
    return lacking


def _addresses(evidence: Evidence) -> t.Dict[str, t.Set[str]]:
    """Of running containers; a swarm task has one on docker_gwbridge that only the network tells."""
    found = {one.id: set(one.addresses) for one in evidence.containers or () if one.state in RUNNING}
    for endpoint in evidence.endpoints or ():
        if endpoint.container in found and endpoint.ip:
            found[endpoint.container].add(endpoint.ip)
    return found


def _check_whole(evidence: Evidence) -> None:
    for section in ("nat", "endpoints"):
        if getattr(evidence, section) is None:
            raise Undecided(evidence.unseen(section))
        for blind in evidence.blind:
            if blind.section == section and blind.hides:
                raise Undecided(str(blind))


def _is_translated(one: Publication, engine: Engine, addresses: t.Collection[str]) -> bool:
    """An engine writes a rule where host and container speak the same IP; else its proxy alone serves the port."""
    if one.kind != "container" or one.state not in RUNNING:
        return False
    has_v4, has_v6 = any(":" not in ip for ip in addresses), any(":" in ip for ip in addresses)
    return has_v6 and writes_ipv6_rules(engine) if ":" in one.ip else has_v4


def _is_served(one: Publication, addresses: t.Container[str], rules: t.Iterable[NatRule]) -> bool:
    family = ("ip6", "inet") if ":" in one.ip else ("ip", "inet")
    ports = set(range(one.first, one.last + 1))
    for rule in rules:
        if rule.family in family and rule.ip in (one.ip, "") and rule.to_ip in addresses and serves(one, rule):
            ports -= set(range(rule.first, rule.last + 1))
    return not ports
