# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The engine keeps a network endpoint whose container is gone.

Seen as: "Bind for 0.0.0.0:8080 failed: port is already allocated" with no container in `docker ps -a`.
After an unclean end the engine may rebuild the allocation, the listener and the DNAT rule of an endpoint record that
has no container. A record with a libnetwork endpoint goes at the second restart; one of the bridge driver alone comes
back at every restart, and only removing its network removes it.
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

CAUSE = Cause(
    id="ghost_endpoint",
    title="The engine keeps a network endpoint whose container is gone",
    needs=("sockets", "publications", "nat"),
    probed=True,
)


def explain(case: Case) -> t.Iterator[Finding]:
    for clash in case.clashes("endpoint"):
        because = f"{clash.holder} has {clash.overlap} (for {clash.holder.detail})"
        yield case.finding(CAUSE, clash, because, move_want(case), *remedies_of(clash.holder))


def remedies_of(holder: Holder) -> t.Tuple[Remedy, ...]:
    """What lets go of the port, whoever wants it. Without its record, the engine lets go at its next start."""
    restart = Remedy("restart_engine", "restart the engine", "its containers, unless live-restore is on")
    address = {"address": holder.detail}
    return restart, Remedy("remove_endpoint", f"remove the endpoint behind {holder.detail}", "", address)
