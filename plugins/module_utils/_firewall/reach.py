# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Which published port is reachable from where, by a policy. Rules are played through on whole sets of addresses."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import networks
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.networks import EVERY, Spans
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.policy import Policy, Rule
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.ports import Ports
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.published import Published

EVERYBODY, NOBODY, ONLY, EXCEPT, HOST = "everybody", "nobody", "only", "everybody except", "this host"
SHOWN = 20  # networks that one answer names


@dataclass(frozen=True)
class Reach:
    """published: a published port. who: one of the words above; sources: of whom, SHOWN of them; more: how many others.

    host: of the connections to one address or network of the host; interface: of those that come in by one. Empty: of
    all the others.
    """

    published: str
    who: str
    sources: t.Tuple[str, ...] = ()
    more: int = 0
    host: str = ""
    interface: str = ""

    def plain(self) -> t.Dict[str, t.Any]:
        """As a module returns it."""
        return {
            "published": self.published,
            "who": self.who,
            "sources": list(self.sources),
            "more": self.more,
            "host_ip": self.host or None,
            "in_interface": self.interface or None,
        }


def reachable(policy: t.Optional[Policy], published: t.Iterable[Published]) -> t.List[Reach]:
    """What each published port's answer is. With no policy it is the engine's: everybody."""
    found: t.List[Reach] = []
    for one in published:
        for part in _parts(one, policy.rules if policy else ()):
            found += _answers(part, policy)
    return found


def _parts(one: Published, rules: t.Iterable[Rule]) -> t.Iterator[Published]:
    """A range of ports, cut where a rule begins or ends."""
    cuts = {one.first, one.last + 1}
    for rule in rules:
        for ports in rule.ports:
            if ports.protocol in ("", one.protocol):
                cuts.update(cut for cut in (ports.first, ports.last + 1) if one.first < cut <= one.last)
    ordered = sorted(cuts)
    for first, following in zip(ordered, ordered[1:]):
        yield replace(one, first=first, last=following - 1)


def _answers(one: Published, policy: t.Optional[Policy]) -> t.List[Reach]:
    if one.loopback:
        return [Reach(str(one), HOST)]
    if policy is None:
        return [Reach(str(one), EVERYBODY)]
    port = Ports(one.protocol, one.first, one.last)
    rules = [rule for rule in policy.rules if any(asked.covers(port) for asked in rule.ports)]
    found: t.Dict[t.Tuple[str, str], Reach] = {}
    for host in ["", *sorted({text for rule in rules for text in _hosts(rule, one)})]:
        for interface in ["", *sorted({name for rule in rules for name in rule.interfaces})]:
            spans = _play(policy, [r for r in rules if _applies(r, one, host, interface)], one.family)
            answer = _worded(one, spans, host, interface)
            if (answer.who, answer.sources) != _last(found, host, interface):
                found[host, interface] = answer
    found.update({("", interface): Reach(str(one), EVERYBODY, interface=interface) for interface in policy.trusted})
    return list(found.values())


def _last(found: t.Mapping[t.Tuple[str, str], Reach], host: str, interface: str) -> t.Optional[t.Tuple[t.Any, ...]]:
    """The answer that a narrower question has too, unless it is said."""
    for wider in ((host, ""), ("", interface), ("", "")):
        if wider in found and wider != (host, interface):
            return found[wider].who, found[wider].sources
    return None


def _hosts(rule: Rule, one: Published) -> t.List[str]:
    """Addresses of the host that the rule tells apart, of those that the port is published on."""
    return networks.short(one.family, rule.host.of(one.family)) if rule.host and not one.ip else []


def _applies(rule: Rule, one: Published, host: str, interface: str) -> bool:
    if rule.interfaces and interface not in rule.interfaces:
        return False
    if rule.host is None:
        return True
    asked = one.ip or host
    if not asked:
        return False
    _family, first, last = networks.parse(asked)
    return networks.covers(rule.host.of(one.family), ((first, last),))


def _play(policy: Policy, rules: t.Iterable[Rule], family: int) -> Spans:
    """Who gets through: each address is decided by the first rule that names it."""
    undecided = EVERY[family]
    allowed: t.List[networks.Span] = []
    for rule in rules:
        decided = undecided if rule.sources is None else networks.overlap(undecided, rule.sources.of(family))
        undecided = networks.without(undecided, decided)
        if rule.action == "allow":
            allowed += decided
    if policy.default == "allow":
        allowed += undecided
    return networks.merge(allowed)


def _worded(one: Published, spans: Spans, host: str, interface: str) -> Reach:
    if spans == EVERY[one.family]:
        return Reach(str(one), EVERYBODY, host=host, interface=interface)
    if not spans:
        return Reach(str(one), NOBODY, host=host, interface=interface)
    rest = networks.without(EVERY[one.family], spans)
    who, named = (EXCEPT, rest) if len(rest) < len(spans) else (ONLY, spans)
    sources = networks.short(one.family, named)
    return Reach(str(one), who, tuple(sources[:SHOWN]), max(0, len(sources) - SHOWN), host, interface)
