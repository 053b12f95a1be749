# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Where an engine's rules are, and what iptables is now."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.dockmaster.ports.plugins.module_utils._backend.alternatives import Choice, choices
from ansible_collections.dockmaster.ports.plugins.module_utils._backend.leftovers import (
    Leftovers,
    Networks,
    leftovers,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._collect import collect
from ansible_collections.dockmaster.ports.plugins.module_utils._core.docker_chains import (
    docker_chains_state,
    writes_ipv6_rules,
    writes_rules,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Engine
from ansible_collections.dockmaster.ports.plugins.module_utils._core.undecided import Undecided
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rule_dumps import iptables_kind
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rule_sight import look
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rule_tree import Table

_SECTIONS = (
    "platform",
    "kernel",
    "units",
    "sockets",
    "engine",
    "containers",
    "publications",
    "nat",
    "firewall",
    "endpoints",
)
BACKENDS = {"legacy": "iptables-legacy", "nft": "iptables-nft"}


class NotHere(ValueError):
    """This host has nothing for this module to do, or does it in another way."""


@dataclass(frozen=True)
class State:
    """engine: the one that writes rules into this host's iptables, None if none does. variant: what `iptables` is.

    rules: how many rules there are, and how many of them are the engine's, by variant.
    """

    evidence: Evidence
    engine: t.Optional[Engine]
    choices: t.Tuple[Choice, ...]
    tables: t.Tuple[Table, ...]
    networks: Networks

    @property
    def variant(self) -> str:
        return self.choices[0].variant

    @property
    def programs(self) -> t.Tuple[str, ...]:
        """Those that the engine needs to write its rules."""
        ipv6 = self.engine is None or writes_ipv6_rules(self.engine)
        kernel = self.evidence.kernel
        return ("iptables", "ip6tables") if ipv6 and (kernel is None or kernel.ipv6 is not False) else ("iptables",)

    def rules(self, variant: str) -> t.Dict[str, int]:
        """docker: what the engine itself wrote; others: everybody else's."""
        docker = sum(len(one.rules) for one in self.left(variant))
        every = sum(one.rules for one in self._rulesets() if one.backend == BACKENDS[variant])
        return {"docker": docker, "others": every - docker}

    def left(self, variant: str) -> t.Tuple[Leftovers, ...]:
        """What the engine has in a backend."""
        return leftovers([one for one in self.tables if one.backend == BACKENDS[variant]], self.networks)

    def settled(self, variant: str) -> bool:
        """Whether the engine has all its chains in this backend. An engine that does not run needs none."""
        if self.engine is None or self.evidence.firewall is None:
            return True
        only = tuple(one for one in self._rulesets() if one.backend == BACKENDS[variant])
        others = tuple(
            replace(one, chains=(), jumps=()) for one in self._rulesets() if one.backend != BACKENDS[variant]
        )
        firewall = replace(self.evidence.firewall, rulesets=only + others)
        try:
            return not docker_chains_state(firewall, self.engine, "ip6tables" in self.programs)
        except Undecided:
            return False

    def _rulesets(self) -> t.Tuple[t.Any, ...]:
        return self.evidence.firewall.rulesets if self.evidence.firewall else ()


def state_of(host: Host, endpoint: t.Optional[str]) -> State:
    """Raises Unseen, NoAlternatives, NotHere."""
    evidence = collect(host, Request(sections=_SECTIONS, docker_host=endpoint))
    if evidence.firewall is None or evidence.nat is None:
        raise Unseen(evidence.unseen("nat"))
    sight = look(host, iptables_kind(host))
    gaps = [gap for gap in sight.gaps if "iptables" in gap.part]
    if gaps:
        raise Unseen(f"{gaps[0].part}: {gaps[0].why}", gaps[0].see)
    engines = [one for one in evidence.engine or () if one.state == "running" and writes_rules(one)]
    if any("nftables" in one.firewall_backend for one in engines):
        raise NotHere("the engine writes nftables itself (firewall-backend), and no iptables")
    endpoints = evidence.endpoints or ()
    networks = Networks(
        frozenset(one.bridge for one in endpoints if one.bridge),
        frozenset(one.subnet for one in endpoints if one.subnet),
    )
    return State(evidence, engines[0] if engines else None, choices(host), sight.tables, networks)
