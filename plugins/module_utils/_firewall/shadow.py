# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Rules that never decide anything, because an earlier one has already decided all of it."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import interfaces, networks
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.networks import BITS, FAMILIES, Spans
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.policy import Policy, Rule, Sources

Key = t.Tuple[int, int, int]  # family, prefix, the network's number


def warnings(policy: Policy) -> t.List[str]:
    """One for each rule that another one covers, naming both."""
    return [
        f"{later.label} never decides anything: {earlier.label}, {earlier.action}, is before it and matches all it does"
        for earlier, later in shadowed(policy)
    ]


def shadowed(policy: Policy) -> t.Iterator[t.Tuple[Rule, Rule]]:
    """(earlier, later) where the earlier rule matches whatever the later one does. One pair a later rule."""
    index = _Index()
    for later in policy.rules:
        earlier = next((rule for rule in index.candidates(later) if _covers(rule, later)), None)
        if earlier:
            yield earlier, later
        index.add(later)


def _covers(earlier: Rule, later: Rule) -> bool:
    return (
        all(any(wide.covers(narrow) for wide in earlier.ports) for narrow in later.ports)
        and _wider(earlier.sources, later.sources)
        and _wider(earlier.host, later.host)
        and (not earlier.interfaces or _by_one_of(earlier, later))
    )


def _by_one_of(earlier: Rule, later: Rule) -> bool:
    """Whether the later rule asks for interfaces, and the earlier one for all of them."""
    return bool(later.interfaces) and all(
        any(interfaces.covers(wide, narrow) for wide in earlier.interfaces) for narrow in later.interfaces
    )


def _wider(wide: t.Optional[Sources], narrow: t.Optional[Sources]) -> bool:
    if wide is None:
        return True
    return narrow is not None and all(networks.covers(wide.of(f), narrow.of(f)) for f in FAMILIES)


class _Index:
    """Which rules hold an address: so that a thousand rules need not each be compared with every other one."""

    def __init__(self) -> None:
        self._everybody: t.List[Rule] = []
        self._by_network: t.Dict[Key, t.List[Rule]] = {}
        self._prefixes: t.Set[t.Tuple[int, int]] = set()

    def add(self, rule: Rule) -> None:
        """From now on it is an earlier one."""
        if rule.sources is None:
            self._everybody.append(rule)
            return
        for family in FAMILIES:
            for first, prefix in _networks(family, rule.sources.of(family)):
                self._prefixes.add((family, prefix))
                self._by_network.setdefault((family, prefix, first >> (BITS[family] - prefix)), []).append(rule)

    def candidates(self, rule: Rule) -> t.List[Rule]:
        """The earlier rules that hold its first address, or everybody; in order."""
        found = list(self._everybody)
        first = _first(rule.sources)
        for family, prefix in self._prefixes if first else ():
            if first and family == first[0]:
                found += self._by_network.get((family, prefix, first[1] >> (BITS[family] - prefix)), [])
        return sorted(found, key=lambda one: one.number)


def _first(sources: t.Optional[Sources]) -> t.Optional[t.Tuple[int, int]]:
    for family in FAMILIES:
        if sources and sources.of(family):
            return family, sources.of(family)[0][0]
    return None


def _networks(family: int, spans: Spans) -> t.Iterator[t.Tuple[int, int]]:
    for text in networks.networks(family, spans):
        address, _slash, prefix = text.partition("/")
        yield networks.parse(address).first, int(prefix)
