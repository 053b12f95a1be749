# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Which packets get to a chain, and what a jump leads to."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rule_tree import Rule, Table

HOOKS = ("prerouting", "output")  # where the destination of what comes in, and of what this host sends, is decided
TRANSLATIONS = ("dnat", "redirect")
JUMPS = ("jump", "goto")
_MANY = 8  # translations behind one jump: one an end point


class Way(t.NamedTuple):
    """How packets of one hook get to a chain, by all jumps to it together.

    local: only those for addresses of this host. by_port: only those for ports that a jump names.
    condition: what the jumps match on else; "" if one of them takes everything.
    """

    local: bool = False
    by_port: bool = False
    condition: str = ""

    def joined(self, other: Way) -> Way:
        condition = self.condition and other.condition and self.condition
        return Way(self.local and other.local, self.by_port and other.by_port, condition)

    def through(self, rule: Rule) -> Way:
        named = bool(rule.ports)
        further = narrowing(rule)
        return Way(
            self.local or rule.local,
            self.by_port or named,
            " ".join(part for part in (self.condition, further) if part),
        )


def ways(table: Table) -> t.Dict[str, t.Dict[str, Way]]:
    """The ways to each chain that can be reached, by hook. Jumps in a circle end."""
    found: t.Dict[str, t.Dict[str, Way]] = {}
    waiting = [(chain.name, chain.hook, Way()) for chain in table.chains.values() if chain.hook in HOOKS]
    while waiting:
        name, hook, way = waiting.pop()
        known = found.setdefault(name, {})
        joined = known[hook].joined(way) if hook in known else way
        if known.get(hook) == joined:
            continue
        known[hook] = joined
        waiting += [
            (rule.target, hook, joined.through(rule))
            for rule in table.chains[name].rules
            if rule.verdict in JUMPS and rule.target in table.chains
        ]
    return found


def behind(table: Table, rule: Rule) -> t.List[t.Tuple[Rule, str]]:
    """What a jump leads to that translates without naming a port itself, in order, and under which condition."""
    found: t.List[t.Tuple[Rule, str]] = []
    if rule.verdict in JUMPS:
        _collect(table, rule.target, "", found, {rule.target})
    return found


def _collect(table: Table, name: str, under: str, found: t.List[t.Tuple[Rule, str]], seen: t.Set[str]) -> None:
    for rule in table.chains[name].rules if name in table.chains else ():
        if rule.ports or len(found) >= _MANY:
            continue
        condition = " ".join(part for part in (under, narrowing(rule)) if part)
        if rule.verdict in TRANSLATIONS:
            found.append((rule, condition))
        elif rule.verdict in JUMPS and rule.target not in seen:
            _collect(table, rule.target, condition, found, seen | {rule.target})


def leading(table: Table, to: t.Container[str]) -> t.Set[str]:
    """The chains of `to` and all that jump to one of them, however far."""
    found = {name for name in table.chains if name in to}
    grown = True
    while grown:
        more = {
            chain.name
            for chain in table.chains.values()
            if chain.name not in found and any(r.verdict in JUMPS and r.target in found for r in chain.rules)
        }
        grown = bool(more)
        found |= more
    return found


def narrowing(rule: Rule) -> str:
    """All that a rule matches on, in the words of iptables, but protocol and ports."""
    parts = [
        f"-i {rule.in_interface}" if rule.in_interface else "",
        f"! -i {rule.not_in_interface}" if rule.not_in_interface else "",
        f"-d {','.join(rule.ips)}" if rule.ips else "",
        rule.condition,
    ]
    return " ".join(part for part in parts if part)
