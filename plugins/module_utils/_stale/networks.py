# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Networks that no container uses, not even one that does not run: `docker network prune` takes its network away."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._engine_action import EngineAction
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host
from ansible_collections.dockmaster.ports.plugins.module_utils._stale.age import moment_of
from ansible_collections.dockmaster.ports.plugins.module_utils._stale.engine import get

PREDEFINED = ("bridge", "host", "none", "docker_gwbridge", "ingress")
_PROJECT = "com.docker.compose.project"
Json = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class Wish:
    """All that is given must be so. older_than: seconds since it was made."""

    older_than: t.Optional[int] = None
    labels: t.Tuple[str, ...] = ()
    name: t.Optional[str] = None
    project: t.Optional[str] = None

    def filters(self) -> t.Dict[str, t.List[str]]:
        """What the engine itself selects by."""
        labels = [*self.labels, *([f"{_PROJECT}={self.project}"] if self.project else [])]
        return {"type": ["custom"], **({"label": labels} if labels else {})}


@dataclass(frozen=True)
class Stale:
    """subnets: that are free again then."""

    id: str
    name: str
    driver: str
    made: float
    subnets: t.Tuple[str, ...] = ()


def find(host: Host, endpoint: str, wish: Wish) -> t.List[Stale]:
    """Raises Unseen."""
    used = _used(host, endpoint)
    found = []
    for listed in get(host, endpoint, "/networks", wish.filters()) or []:
        inspected = get(host, endpoint, f"/networks/{listed['Id']}")
        if inspected and _is_free(inspected, used):
            stale = _stale(inspected)
            if _is_meant(stale, wish, host.now()):
                found.append(stale)
    return sorted(found, key=lambda one: one.name)


def _used(host: Host, endpoint: str) -> t.Set[str]:
    """Names and ids of the networks of all containers, whatever they do."""
    used: t.Set[str] = set()
    for one in get(host, endpoint, "/containers/json?all=1") or []:
        inspected = get(host, endpoint, f"/containers/{one['Id']}/json") or {}
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
    made = moment_of(str(inspected.get("Created", ""))) or 0.0
    return Stale(inspected["Id"], inspected["Name"], str(inspected.get("Driver", "")), made, subnets)


def _is_meant(stale: Stale, wish: Wish, now: float) -> bool:
    if wish.name is not None and not re.search(wish.name, stale.name):
        return False
    return wish.older_than is None or now - stale.made >= wish.older_than


def remove(action: EngineAction, one: Stale) -> None:
    """The engine itself refuses one that has an endpoint by now. Raises Refusal, Unseen."""
    action.delete(f"/networks/{one.id}")
