# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Cuts an endpoint that has no container off its network, where the engine can be asked for that.

The engine takes the name of a container or of an endpoint, in this order: a namesake would lose its network.
Source: moby, daemon/container_operations.go (ForceEndpointDelete); seen at engine 20.10.
"""

from __future__ import annotations

import typing as t
from urllib.parse import quote

from ansible_collections.dockmaster.ports.plugins.module_utils._core.claims import claims_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.ghosts import anew, network_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import NetworkEndpoint
from ansible_collections.dockmaster.ports.plugins.module_utils._engine_action import EngineAction
from ansible_collections.dockmaster.ports.plugins.module_utils._holder.process import Refused
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen

_NEEDS = ("containers", "endpoints", "sockets", "nat")


def ghost_of(evidence: Evidence, address: str) -> t.Optional[NetworkEndpoint]:
    """The endpoint without a container that has a port; None if the engine has none for the address.

    Raises Unseen, and Refused where the engine cannot be asked for that one.
    """
    held = held_for(evidence, address)
    known = {one.id for one in evidence.containers or ()}
    at = [one for one in evidence.endpoints or () if one.ip == address]
    ghost = next((one for one in at if one.container not in known), None)
    if held and ghost:
        _refuse_namesake(evidence, ghost)
        return ghost
    if held:
        raise Refused(_out_of_reach(evidence, address, held))
    owned = next((one for one in at if one.container in known), None)
    if owned:
        raise Refused(f"{address} is of a container ({owned.name}), so its endpoint is not a ghost")
    return None


def held_for(evidence: Evidence, address: str) -> t.List[str]:
    """What the engine has for an address, and no container. Raises Unseen."""
    for section in _NEEDS:
        if evidence.unseen(section):
            raise Unseen(evidence.unseen(section))
    mine = [one for one in claims_of(evidence) if one.holder.kind == "endpoint" and one.holder.name == address]
    return [str(one.binding) for one in mine]


def _refuse_namesake(evidence: Evidence, ghost: NetworkEndpoint) -> None:
    for one in evidence.containers or ():
        if one.engine == ghost.engine and (one.name == ghost.name or one.id.startswith(ghost.name)):
            raise Refused(
                f"the engine would cut container {one.name} off network {ghost.network} instead of the endpoint"
                f" {ghost.name}: restart the engine, or rename that container until the endpoint is cut off"
            )


def _out_of_reach(evidence: Evidence, address: str, held: t.List[str]) -> str:
    network = network_of(evidence, address)
    last = f"; if it comes back at each start, {anew(network)}" if network else ""
    return f"the engine has {', '.join(held)} for {address}, and no network lists it: restart the engine{last}"


def cut_off(action: EngineAction, ghost: NetworkEndpoint) -> None:
    """Raises Refusal, Unseen."""
    body = {"Container": ghost.name, "Force": True}
    action.post(f"/networks/{quote(ghost.network, safe='')}/disconnect", body)
