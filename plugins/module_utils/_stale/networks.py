# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Networks that no container uses, not even one that does not run: `docker network prune` takes its network away."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._engine_action import EngineAction
from ansible_collections.dockmaster.ports.plugins.module_utils._engine_json import get, get_if_there
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host
from ansible_collections.dockmaster.ports.plugins.module_utils._stale.age import moment_of
from ansible_collections.dockmaster.ports.plugins.module_utils._stale.wish import Wish

PREDEFINED = ("bridge", "host", "none", "docker_gwbridge", "ingress")
Json = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class Stale:
    """made: seconds since the epoch, None if the engine does not tell. subnets: that are free again then."""

    id: str
    name: str
    driver: str
    made: t.Optional[float]
    subnets: t.Tuple[str, ...] = ()


def filters_of(wish: Wish) -> t.Dict[str, t.List[str]]:
    """What the engine itself selects by."""
    return {"type": ["custom"], **({"label": wish.all_labels} if wish.all_labels else {})}


def find(host: Host, endpoint: str, wish: Wish) -> t.List[Stale]:
    """Raises Unseen."""
    used = _used(host, endpoint)
    found = []
    for listed in get(host, endpoint, "/networks", filters_of(wish)):
        inspected = get_if_there(host, endpoint, f"/networks/{listed['Id']}")
        if inspected and _is_free(inspected, used):
            stale = _stale(inspected)
            if wish.means(stale.name, stale.made, host.now()):
                found.append(stale)
    return sorted(found, key=lambda one: one.name)


def _used(host: Host, endpoint: str) -> t.Set[str]:
    """Names and ids of the networks of all containers, whatever they do."""
    used: t.Set[str] = set()
    for one in get(host, endpoint, "/containers/json?all=1"):
        inspected = get_if_there(host, endpoint, f"/containers/{one['Id']}/json") or {}
        networks = (inspected.get("NetworkSettings") or {}).get("Networks") or {}
        used.update(networks)
        used.update(str(network.get("NetworkID")) for network in networks.values())
        used.add(str((inspected.get("HostConfig") or {}).get("NetworkMode")))
    return used


def _is_free(inspected: Json, used: t.Container[str]) -> bool:
    """Not the engine's own, none of a swarm's, and nobody's."""
    if inspected["Name"] in PREDEFINED or inspected.get("Scope") == "swarm" or inspected.get("Ingress"):
        return False
    return not (inspected.get("Containers") or inspected["Id"] in used or inspected["Name"] in used)


def _stale(inspected: Json) -> Stale:
    subnets = tuple(str(one.get("Subnet")) for one in (inspected.get("IPAM") or {}).get("Config") or ())
    made = moment_of(str(inspected.get("Created", "")))
    return Stale(inspected["Id"], inspected["Name"], str(inspected.get("Driver", "")), made, subnets)


def remove(action: EngineAction, one: Stale) -> None:
    """The engine itself refuses one that has an endpoint by now. Raises Refusal, Unseen."""
    action.delete(f"/networks/{one.id}")
