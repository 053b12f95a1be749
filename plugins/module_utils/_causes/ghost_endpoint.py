# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The engine keeps a network endpoint whose container is gone.

Seen as: "Bind for 0.0.0.0:8080 failed: port is already allocated" with no container in `docker ps -a`.
After an unclean end the engine may rebuild the allocation, the listener and the DNAT rule of an endpoint record that
has no container. One that its network lists can be cut off. One that no network lists is either gone at the next start,
or the bridge driver alone has its record: then it comes back at every start, and only removing its network removes it.
Told apart from `orphan_proxy` by the engine's own DNAT rule for the port.
Source: moby, bridge_store.go, controller.go; moby issues 20486, 25981, 36591.
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
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.ghosts import anew, is_listed, network_of

CAUSE = Cause(
    id="ghost_endpoint",
    title="The engine keeps a network endpoint whose container is gone",
    needs=("sockets", "publications", "nat"),
    probed=True,
)


def explain(case: Case) -> t.Iterator[Finding]:
    for clash in case.clashes("endpoint"):
        because = f"{clash.holder} has {clash.overlap} (for {clash.holder.detail})"
        yield case.finding(CAUSE, clash, because, move_want(case), *remedies_of(clash.holder, case.evidence))


def remedies_of(holder: Holder, evidence: Evidence) -> t.Tuple[Remedy, ...]:
    """What lets go of the port, whoever wants it: it depends on whether a network lists the endpoint."""
    restart = Remedy("restart_engine", "restart the engine", "its containers, unless live-restore is on")
    cut = Remedy("remove_endpoint", f"remove the endpoint behind {holder.detail}", "", {"address": holder.name})
    if is_listed(evidence, holder.name):
        return cut, restart
    network = network_of(evidence, holder.name)
    if not network:
        return restart, cut
    return restart, Remedy("remake_network", f"if it comes back at each start, {anew(network)}", "its containers")
