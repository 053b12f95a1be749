# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""It goes against the conventions.

Seen as: nothing; the container starts and answers, at a place where your own policy does not want it.
Typical: a database published on every address, a port outside the band that is kept for the project, a host port that
nobody named. Only asked for with a policy (`port_policy`); the verdict is `at_risk`, for nothing refuses the start.
Told apart from `ephemeral` and `privileged_port`, which say what this host will do, by being what people agreed on.
Source: the policy.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.dockmaster.ports.plugins.module_utils._core.claims import Holder
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import (
    Case,
    Cause,
    Finding,
    Remedy,
    Verdict,
    move_want,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.policy_rules import findings_of

CAUSE = Cause(id="policy", title="It goes against the conventions", needs=(), portless=True)


def explain(case: Case) -> t.Iterator[Finding]:
    if case.policy is None:
        return
    for found in findings_of(case.policy, [case.want], case.evidence.kernel):
        remedy: Remedy = replace(move_want(case), summary=found.remedy)
        finding = case.finding(CAUSE, None, found.because, remedy, consequence=Verdict.AT_RISK)
        yield replace(finding, holder=Holder("policy", found.rule, found.band, title=f"rule {found.rule}"))
