# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Findings about what an engine left over and nobody asked for: its listeners and its rules.

No want meets them, so no cause judges them; they are findings all the same, so that they can be remedied.
"""

from __future__ import annotations

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import ghost_endpoint, nat_rule, orphan_proxy
from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import ANY, Binding
from ansible_collections.dockmaster.ports.plugins.module_utils._core.claims import Claim, Holder
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import Cause, Finding, Remedy, Verdict
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import NatRule
from ansible_collections.dockmaster.ports.plugins.module_utils._core.want import Want


def of_listener(claim: Claim, evidence: Evidence) -> Finding | None:
    """A docker-proxy or an endpoint that serves no container; None for any other claim."""
    holder = claim.holder
    if holder.kind == "proxy":
        return _finding(orphan_proxy.CAUSE, holder, claim.binding, orphan_proxy.remedies_of(holder))
    if holder.kind == "endpoint":
        return _finding(ghost_endpoint.CAUSE, holder, claim.binding, ghost_endpoint.remedies_of(holder, evidence))
    return None


def of_rule(rule: NatRule, summary: str) -> Finding:
    """An orphaned rule, whether traffic meets it or not. summary: what is wrong with it."""
    where = f"{rule.backend} {rule.family} {rule.table} {rule.chain}"
    holder = Holder("orphan_rule", rule.owner, rule.text, detail=where, title=summary)
    binding = Binding(ANY, rule.protocol or "tcp", rule.first, rule.last or rule.first)
    return _finding(nat_rule.CAUSE, holder, binding, (nat_rule.removal_of(holder),), summary)


def _finding(
    cause: Cause, holder: Holder, binding: Binding, remedies: tuple[Remedy, ...], summary: str = ""
) -> Finding:
    text = str(binding) if binding.first else ""
    said = summary or f"{holder} has {binding}"
    return Finding(cause.id, Verdict.AT_RISK, Want(binding, text), holder, text, said, remedies)
