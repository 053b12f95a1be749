# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Rules that send a port's traffic where no container of the engine's gets it."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.claim import Claim, Hold, Holder, matched_by
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.orphans import foreign, orphans
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import NatRule
from ansible_collections.dockmaster.ports.plugins.module_utils._core.undecided import Undecided


def of_rules(evidence: Evidence) -> t.Iterator[Claim]:
    """Rules that send a port's traffic where no container of the engine's gets it."""
    for rule in evidence.nat or ():
        if rule.action in ("dnat", "redirect") and rule.hooks and rule.owner not in ("docker", "swarm"):
            yield from _diverted(rule, "nat_rule", _others(rule))
    try:
        left, written = orphans(evidence), foreign(evidence)
    except Undecided:  # whoever judges NAT rules says so
        return
    for rule in written:
        if not rule.hooks:
            continue
        yield from _diverted(rule, "nat_rule", f"a NAT rule that somebody put into chain {rule.chain}")
    dead = {id(orphan.rule) for orphan in left}
    for orphan in left:
        rule = orphan.rule
        if rule.action == "dnat" and rule.hooks and (orphan.shadows or not _is_behind(rule, evidence, dead)):
            yield from _diverted(rule, "orphan_rule", "an orphaned DNAT rule", orphan.why)


def _is_behind(rule: NatRule, evidence: Evidence, dead: t.Set[int]) -> bool:
    """Whether a rule that is alive gets the traffic first."""
    return any(
        (one.backend, one.family, one.table, one.chain) == (rule.backend, rule.family, rule.table, rule.chain)
        and id(one) not in dead
        and one.action == "dnat"
        and one.position < rule.position
        and one.protocol == rule.protocol
        and one.first <= rule.first
        and rule.last <= one.last
        for one in evidence.nat or ()
    )


def _others(rule: NatRule) -> str:
    return "a NAT rule" if rule.owner == "other" else f"a NAT rule of {rule.owner}'s"


def _diverted(rule: NatRule, kind: str, name: str, why: str = "") -> t.Iterator[Claim]:
    where = f"{rule.backend} {rule.family} {rule.table} {rule.chain}"
    port = f":{rule.to_first}" if rule.to_first else ""
    ip = f"[{rule.to_ip}]" if ":" in rule.to_ip else rule.to_ip
    to = f"{ip}{port}" if ip else f"port {rule.to_first} of this host" if port else "this host"
    some = bool(rule.condition or rule.in_interface)
    traffic = "some of its traffic" if some else "its traffic"
    title = f"{name} sends {traffic} to {to}" + (f" ({why})" if why else f" ({where})")
    for binding in matched_by(rule):
        yield Claim(binding, Hold.DIVERTED, Holder(kind, rule.owner, rule.text, detail=where, title=title), some)
