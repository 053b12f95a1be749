# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Tables in short: what the firewalls of a host hold, and whether packets get to Docker's chains."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import Ruleset
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rule_owner import is_dockers_bridge, owner_of
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rule_reach import JUMPS
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rule_tree import Chain, Rule, Table

_DOCKER = ("docker", "swarm")
_USER = "DOCKER-USER"  # its rules are the administrator's


def ruleset(backend: str, family: str, tables: t.Iterable[Table], bridges: t.Container[str] = ()) -> Ruleset:
    """One backend's rules of one family; tables of family inet count for both."""
    own = [table for table in tables if table.backend == backend and table.family in (family, "inet")]
    chains = [(table, chain) for table in own for chain in table.chains.values()]
    forward = _filtering(chains, "forward")
    output = [one for one in _nat_jumps(chains, "output") if _is_dockers_jump(*one)]
    return Ruleset(
        backend=backend,
        family=family,
        tables=tuple(dict.fromkeys(table.name for table in own)),
        chains=tuple(f"{table.name}/{chain.name}" for table, chain in chains if _tell(table, chain)),
        jumps=tuple(dict.fromkeys(_jumps(chains))),
        rules=sum(chain.size for _table, chain in chains),
        docker_rules=sum(_dockers(table, chain, bridges) for table, chain in chains),
        forward_policy=_strictest(forward),
        input_policy=_strictest(_filtering(chains, "input")),
        forward_jumps=tuple(rule.target for chain in forward for rule in chain.rules if rule.verdict in JUMPS),
        user_rules=tuple(rule.text for _table, chain in chains if chain.name == _USER for rule in chain.rules),
        nat_prerouting_jump=any(_is_dockers_jump(*one) for one in _nat_jumps(chains, "prerouting")),
        nat_output_jump=bool(output),
        nat_output_spares_loopback=all(rule.spares_loopback for _table, rule in output) if output else None,
    )


_Chains = t.List[t.Tuple[Table, Chain]]


def _filtering(chains: _Chains, hook: str) -> t.List[Chain]:
    """The base chains of a hook that filter: iptables has one, nft as many as somebody makes."""
    return [chain for table, chain in chains if chain.hook == hook and (table.name == "filter" or _is_native(table))]


def _is_native(table: Table) -> bool:
    return table.backend == "nft"


def _strictest(chains: t.List[Chain]) -> str:
    """A packet must pass every base chain of a hook."""
    policies = {chain.policy for chain in chains}
    return next((policy for policy in ("DROP", "ACCEPT") if policy in policies), "")


def _tell(table: Table, chain: Chain) -> bool:
    """Built-in chains and Docker's: other programs have thousands."""
    return bool(chain.hook) or _is_dockers(table, chain.name)


def _is_dockers(table: Table, name: str) -> bool:
    return owner_of(table.backend, table.name, name, None, ()) in _DOCKER


def _jumps(chains: _Chains) -> t.Iterator[str]:
    for table, chain in chains:
        for rule in chain.rules:
            if rule.verdict in JUMPS and _is_dockers(table, rule.target):
                yield f"{table.name}/{chain.name} > {rule.target}"


def _dockers(table: Table, chain: Chain, bridges: t.Container[str]) -> int:
    """How many rules are in Docker's chain, or name its bridges."""
    if _is_dockers(table, chain.name):
        return chain.size
    if _is_native(table):  # somebody else's: firewalld names the bridges in its zones
        return 0
    named = {rule.position for rule in chain.rules if any(is_dockers_bridge(name, bridges) for name in rule.interfaces)}
    return len(named)


def _nat_jumps(chains: _Chains, hook: str) -> t.List[t.Tuple[Table, Rule]]:
    return [
        (table, rule)
        for table, chain in chains
        if chain.hook == hook and (table.name == "nat" or _is_native(table))
        for rule in chain.rules
        if rule.verdict in JUMPS
    ]


def _is_dockers_jump(table: Table, rule: Rule) -> bool:
    """To the chain with the translations of published ports; swarm's own does not count."""
    return owner_of(table.backend, table.name, rule.target, None, ()) == "docker"
