# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A swarm service publishes the port.

Seen as: "port '80' is already in use by service 'web' (id) as an ingress port" between services. A container beside an
ingress port is refused with the texts of `process` (dockerd listens on [::]), or starts and gets none of the traffic
where dockerd could not listen: then it logs "failed to create proxy for port" and installs the DNAT rule all the same.
Told apart from `container` by GET /services, which only a manager answers; on a worker the rule in DOCKER-INGRESS tells
that it is a service, and not which.
Source: moby, service_linux.go; swarmkit, controlapi/service.go.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.claims import Hold
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import (
    Case,
    Cause,
    Finding,
    move_want,
)

CAUSE = Cause(id="swarm_service", title="A swarm service publishes the port", needs=("publications",))


def explain(case: Case) -> t.Iterator[Finding]:
    for clash in case.clashes("service"):
        has = {Hold.BOUND: "has", Hold.DIVERTED: "gets the traffic of"}.get(clash.hold, "will want")
        yield case.finding(CAUSE, clash, f"{clash.holder} {has} {clash.overlap}", move_want(case))
