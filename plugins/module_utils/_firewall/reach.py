# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Which published port is reachable from where, by a policy. Rules are played through on whole sets of addresses."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import interfaces, networks
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.networks import EVERY, Span, Spans
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.policy import Policy, Rule
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.ports import Ports
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.published import Published

EVERYBODY, NOBODY, ONLY, EXCEPT, HOST = "everybody", "nobody", "only", "everybody except", "this host"
SHOWN = 20  # networks that one answer names


class Way(t.NamedTuple):
    """How a connection comes. host: to which addresses of the host; interface: by which. None and "": any other."""

    host: t.Optional[Span]
    interface: str

    def holds(self, other: Way) -> bool:
        """Whether every connection that comes the other way comes this way."""
        if self.host and not (other.host and self.host[0] <= other.host[0] and other.host[1] <= self.host[1]):
            return False
        return not self.interface or interfaces.covers(self.interface, other.interface)


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
    played: t.Dict[t.Hashable, t.List[Reach]] = {}  # ports that the same rules are about have the same answers
    for one in published:
        for part in _parts(one, policy.rules if policy else ()):
            port = Ports(part.protocol, part.first, part.last)
            rules = [
                rule for rule in (policy.rules if policy else ()) if any(asked.covers(port) for asked in rule.ports)
            ]
            key = (part.family, part.ip, tuple(rule.number for rule in rules))
            if key not in played:
                played[key] = _answers(part, policy, rules)
            found += [replace(answer, published=str(part)) for answer in played[key]]
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


def _answers(one: Published, policy: t.Optional[Policy], rules: t.Sequence[Rule]) -> t.List[Reach]:
    """rules: those of the policy that are about the port."""
    if one.loopback:
        return [Reach(str(one), HOST)]
    if policy is None:
        return [Reach(str(one), EVERYBODY)]
    found: t.Dict[Way, Spans] = {}
    for way in _ways(one, rules, policy.trusted):
        spans = _play(policy, rules, one, way)
        if any(said != spans for said in _said(found, way)):
            found[way] = spans
    return [_worded(one, spans, way) for way, spans in found.items()]


def _ways(one: Published, rules: t.Sequence[Rule], trusted: t.Iterable[str]) -> t.Iterator[Way]:
    """Each that the policy tells apart, behind those that it is a part of."""
    hosts = {span for rule in rules for span in _hosts(rule, one)}
    names = {name for rule in rules for name in rule.interfaces}.union(trusted)
    for host in [None, *sorted(hosts, key=lambda span: (span[0] - span[1], span))]:
        for interface in ["", *sorted(names, key=lambda name: (not name.endswith("*"), len(name), name))]:
            yield Way(host, interface)


def _hosts(rule: Rule, one: Published) -> Spans:
    """Addresses of the host that the rule tells apart, of those that the port is published on."""
    return rule.host.of(one.family) if rule.host and not one.ip else ()


def _said(found: t.Mapping[Way, Spans], way: Way) -> t.List[t.Optional[Spans]]:
    """What is said of those that the way is a part of, the narrowest of them; None: nothing is."""
    wider = [other for other in found if other.holds(way)]
    narrowest = [one for one in wider if not any(one != other and one.holds(other) for other in wider)]
    return [found[one] for one in narrowest] or [None]


def _play(policy: Policy, rules: t.Iterable[Rule], one: Published, way: Way) -> Spans:
    """Who gets through: each address is decided by the first rule that names it."""
    undecided = EVERY[one.family]
    if way.interface and any(interfaces.covers(name, way.interface) for name in policy.trusted):
        return undecided
    allowed: t.List[Span] = []
    for rule in rules:
        if not _applies(rule, one, way):
            continue
        decided = undecided if rule.sources is None else networks.overlap(undecided, rule.sources.of(one.family))
        undecided = networks.without(undecided, decided)
        if rule.action == "allow":
            allowed += decided
    if policy.default == "allow":
        allowed += undecided
    return networks.merge(allowed)


def _applies(rule: Rule, one: Published, way: Way) -> bool:
    if rule.interfaces and not any(interfaces.covers(name, way.interface) for name in rule.interfaces):
        return False
    if rule.host is None:
        return True
    asked = networks.parse(one.ip)[1:] if one.ip else way.host
    return asked is not None and networks.covers(rule.host.of(one.family), (asked,))


def _worded(one: Published, spans: Spans, way: Way) -> Reach:
    host = networks.short(one.family, (way.host,))[0] if way.host else ""
    if spans == EVERY[one.family]:
        return Reach(str(one), EVERYBODY, host=host, interface=way.interface)
    if not spans:
        return Reach(str(one), NOBODY, host=host, interface=way.interface)
    rest = networks.without(EVERY[one.family], spans)
    who, named = (EXCEPT, rest) if len(rest) < len(spans) else (ONLY, spans)
    sources = networks.short(one.family, named)
    return Reach(str(one), who, tuple(sources[:SHOWN]), max(0, len(sources) - SHOWN), host, way.interface)
