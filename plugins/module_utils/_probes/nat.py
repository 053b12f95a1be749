# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Rules that send packets elsewhere or drop them as they come in, out of all tables.

Each rule is reported by itself, with the hooks that get to its chain. Where a jump names the port and the chain behind
it translates without one (kube-proxy, older CNI plugins), the jump is reported, with the first end point behind it.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import NatRule
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rule_owner import owner_of
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rule_reach import (
    HOOKS,
    JUMPS,
    TRANSLATIONS,
    Way,
    behind,
    leading,
    ways,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rule_tree import Chain, Rule, Table

_SPARING = ("accept", "return")


def nat_rules(tables: t.Iterable[Table], bridges: t.Container[str] = ()) -> t.Tuple[NatRule, ...]:
    """What the tables divert and drop, in order. bridges: of the engines' networks, beside those named as usual."""
    found: t.List[NatRule] = []
    for table in tables:
        reached = ways(table)
        told = {chain.name: list(_told(table, chain, reached.get(chain.name, {}))) for chain in table.chains.values()}
        ahead = leading(table, {name for name, some in told.items() if some})
        for chain in table.chains.values():
            both = told[chain.name]
            if chain.name in reached:
                both = sorted([*both, *_spared(chain, ahead, both)], key=lambda one: one.rule.position)
            for one in both:
                found += _records(table, chain, one, reached.get(chain.name, {}), bridges)
    return tuple(found)


class _Told(t.NamedTuple):
    """A rule, what it does, the rule that translates for it (mostly itself), and under which further condition."""

    rule: Rule
    action: str
    to: Rule
    condition: str = ""


def _told(table: Table, chain: Chain, way: t.Mapping[str, Way]) -> t.Iterator[_Told]:
    """The rules of a chain that divert, or drop what comes in."""
    for rule in chain.rules:
        if rule.verdict in TRANSLATIONS:
            if rule.ports or any(not one.by_port for one in way.values()):
                yield _Told(rule, rule.verdict, rule)
        elif rule.verdict == "drop":
            if "prerouting" in way and (rule.ports or rule.ips):
                yield _Told(rule, "drop", rule)
        elif rule.ports and rule.verdict in JUMPS:
            ends = behind(table, rule)
            if ends:
                always = any(not condition or _is_chance(condition) for _rule, condition in ends)
                yield _Told(rule, ends[0][0].verdict, ends[0][0], "" if always else ends[0][1])


def _is_chance(condition: str) -> bool:
    """Whether a condition only chooses among end points."""
    return condition.startswith("-m statistic ")


def _spared(chain: Chain, ahead: t.Container[str], told: t.Sequence[_Told]) -> t.Iterator[_Told]:
    """The rules that let packets out before a later rule, or a chain that is jumped to, diverts or drops them."""
    jumps = [rule.position for rule in chain.rules if rule.verdict in JUMPS and rule.target in ahead]
    last = max([one.rule.position for one in told] + jumps, default=0)
    for rule in chain.rules:
        if rule.verdict in _SPARING and rule.position < last:
            yield _Told(rule, rule.verdict, rule)


def _records(
    table: Table, chain: Chain, told: _Told, way: t.Mapping[str, Way], bridges: t.Container[str]
) -> t.Iterator[NatRule]:
    """One record an address and a range of ports that the rule names."""
    rule, to = told.rule, told.to
    jumps = [one.condition for one in way.values()]
    conditions = (jumps[0] if jumps and all(jumps) else "", rule.condition, told.condition)
    for ip in rule.ips or ("",):
        for first, last in rule.ports or ((0, 0),):
            yield NatRule(
                backend=table.backend,
                family=rule.family or to.family or table.family,
                table=table.name,
                chain=chain.name,
                position=rule.position,
                text=rule.text,
                action=told.action,
                protocol=rule.protocol or to.protocol,
                ip=ip,
                first=first,
                last=last,
                in_interface=rule.in_interface,
                not_in_interface=rule.not_in_interface,
                to_ip=to.to_ip,
                to_first=to.to_first,
                to_last=to.to_last,
                hooks=tuple(hook for hook in HOOKS if hook in way),
                local_only=rule.local or (bool(way) and all(one.local for one in way.values())),
                owner=owner_of(table.backend, table.name, chain.name, rule, bridges),
                condition=" ".join(part for part in conditions if part),
                handle=rule.handle,
            )
