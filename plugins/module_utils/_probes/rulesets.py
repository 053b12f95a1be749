# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The rules of netfilter: what diverts and drops traffic (section nat), the firewalls in short (section firewall), and
whether the policy for published ports is among them as it should be (section published_policy).

Source: iptables-nft-save, iptables-legacy-save, both families, and nft -j list ruleset: the kernel evaluates all of
them, whatever `iptables` in the PATH shows. Each is run once; looking creates no table. And /proc/net/ip_vs.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import Firewall, NatRule, Ruleset
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Output, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import firewall_state, ipvs, published_policy
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.firewall import ruleset
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.nat import nat_rules
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rule_dumps import iptables_kind
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rule_sight import Sight, is_iptables, look

SECTIONS = ("nat", "firewall", "published_policy")


def probe(host: Host, request: Request, evidence: Evidence, blind: t.List[Blind]) -> t.Dict[str, t.Any]:
    """nat is left out where no rule could be seen; firewall then still tells what does not need them."""
    host = t.cast(Host, _Remembering(host))
    kind = iptables_kind(host)
    sight = look(host, kind)
    bridges = frozenset(endpoint.bridge for endpoint in evidence.endpoints or () if endpoint.bridge)
    firewall = Firewall(
        rulesets=_rulesets(sight, bridges),
        iptables=kind,
        firewalld=firewall_state.firewalld(host),
        ufw=firewall_state.ufw(host, sight.tables),
        ip_forward=firewall_state.switch(host, "net/ipv4/ip_forward"),
        ip6_forward=firewall_state.switch(host, "net/ipv6/conf/all/forwarding"),
    )
    blind += _blind(sight)
    balanced = _balanced(host, evidence, blind)
    seen: t.Dict[str, t.Any] = {"firewall": firewall, **_policy(host, request, sight, blind)}
    return {**seen, "nat": nat_rules(sight.tables, bridges) + balanced} if sight.seen else seen


class _Remembering:
    """A Host that runs a command once: the policy is compared with the very rules that were printed."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._printed: t.Dict[t.Tuple[str, ...], Output] = {}

    def __getattr__(self, name: str) -> t.Any:
        return getattr(self._host, name)

    def run(self, *argv: str) -> Output:
        if argv not in self._printed:
            self._printed[argv] = self._host.run(*argv)
        return self._printed[argv]


def _policy(host: Host, request: Request, sight: Sight, blind: t.List[Blind]) -> t.Dict[str, t.Any]:
    if "published_policy" not in request.sections:
        return {}
    try:
        return {"published_policy": published_policy.see(host, sight.tables)}
    except Unseen as exc:
        blind.append(Blind("published_policy", exc.why, exc.see, hides=False))
        return {}


def _balanced(host: Host, evidence: Evidence, blind: t.List[Blind]) -> t.Tuple[NatRule, ...]:
    try:
        return ipvs.services(host, evidence)
    except Unseen as exc:
        blind.append(Blind("nat", exc.why, exc.see, part="virtual services of IPVS"))
        return ()


def _rulesets(sight: Sight, bridges: t.Container[str]) -> t.Tuple[Ruleset, ...]:
    """One a backend and family that was seen. A chain of nft's within a table of iptables counts as iptables' there."""
    tables = [
        one._replace(backend="iptables-nft") if one.backend == "nft" and is_iptables(one.family, one.name) else one
        for one in sight.tables
    ]
    return tuple(ruleset(backend, family, tables, bridges) for backend, family in sorted(sight.seen))


def _blind(sight: Sight) -> t.Iterator[Blind]:
    """Only the rules that divert hide somebody who has a port; the firewalls' own do not."""
    if not sight.seen and sight.gaps:
        first = sight.gaps[0]
        yield Blind("nat", first.why, first.see)
        yield Blind("firewall", first.why, first.see, part="the rules", hides=False)
        return
    for gap in sight.gaps:
        yield Blind("nat", gap.why, gap.see, part=gap.part)
        yield Blind("firewall", gap.why, gap.see, part=gap.part, hides=False)
