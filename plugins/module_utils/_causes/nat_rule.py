# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A NAT rule sends the port's traffic elsewhere.

Seen as: no error at all. The container starts, and who connects reaches another service or nobody; from the host itself
it may work all the same.
An engine that was killed leaves DNAT rules behind, and rules are appended, so the older one wins. Rules of kube-proxy,
CNI plugins, podman and of people take traffic without holding any socket.
Told apart from `container` by nobody having the port: a rule never refuses a bind. Told from a live rule by no running
container having its target.
Source: iptables-extensions(8), DNAT; moby issues 32048, 30558, 15151.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.claims import Holder
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import (
    Case,
    Cause,
    Finding,
    Remedy,
    move_want,
)

CAUSE = Cause(id="nat_rule", title="A NAT rule sends the port's traffic elsewhere", needs=("nat",))


def explain(case: Case) -> t.Iterator[Finding]:
    for clash in case.clashes("orphan_rule"):
        yield case.finding(CAUSE, clash, str(clash.holder), removal_of(clash.holder), move_want(case))
    for clash in case.clashes("nat_rule"):
        yield case.finding(CAUSE, clash, str(clash.holder), move_want(case))


def blind(case: Case) -> str:
    return case.rules.orphans_doubt


def removal_of(holder: Holder) -> Remedy:
    """For an orphaned rule, whoever wants the port."""
    backend, family, table, chain = holder.detail.split(" ", 3)
    rule = {"backend": backend, "family": family, "table": table, "chain": chain, "text": holder.id}
    return Remedy("remove_orphan_rules", "remove that very rule", params={"rules": [rule]})
