# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Containers that do not run and that nobody will miss, by what somebody says of them."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._engine_action import EngineAction
from ansible_collections.dockmaster.ports.plugins.module_utils._engine_json import get, get_if_there
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host
from ansible_collections.dockmaster.ports.plugins.module_utils._stale.age import moment_of
from ansible_collections.dockmaster.ports.plugins.module_utils._stale.wish import Wish

STOPPED = ("created", "exited", "dead")
Json = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class Stale:
    """ended: or made, if it never ran; seconds since the epoch, None if the engine does not tell.

    wants: what it would publish if it started.
    """

    id: str
    name: str
    image: str
    state: str
    ended: t.Optional[float]
    wants: t.Tuple[str, ...] = ()


def filters_of(wish: Wish) -> t.Dict[str, t.List[str]]:
    """What the engine itself selects by."""
    found = {"status": list(STOPPED), "ancestor": [wish.image] if wish.image else [], "label": wish.all_labels}
    return {key: values for key, values in found.items() if values}


def find(host: Host, endpoint: str, wish: Wish) -> t.List[Stale]:
    """Raises Unseen."""
    listed = get(host, endpoint, "/containers/json?all=1", filters_of(wish))
    found = []
    for one in listed:
        inspected = get_if_there(host, endpoint, f"/containers/{one['Id']}/json")
        stale = _stale(inspected) if inspected else None
        if stale and wish.means(stale.name, stale.ended, host.now()):
            found.append(stale)
    return sorted(found, key=lambda one: one.name)


def _stale(inspected: Json) -> t.Optional[Stale]:
    """None for one that runs by now."""
    state = inspected["State"]
    if state.get("Status") not in STOPPED:
        return None
    ended = moment_of(str(state.get("FinishedAt", ""))) or moment_of(str(inspected.get("Created", "")))
    image = (inspected.get("Config") or {}).get("Image") or inspected.get("Image", "")
    return Stale(
        inspected["Id"], str(inspected["Name"]).lstrip("/"), str(image), state["Status"], ended, _wants(inspected)
    )


def _wants(inspected: Json) -> t.Tuple[str, ...]:
    """As `docker run -p` takes them."""
    bindings = (inspected.get("HostConfig") or {}).get("PortBindings") or {}
    found = []
    for target, places in sorted(bindings.items()):
        for place in places or ():
            ip = place.get("HostIp") or ""
            ip = f"[{ip}]:" if ":" in ip else f"{ip}:" if ip else ""
            found.append(f"{ip}{place.get('HostPort') or ''}:{target}".lstrip(":"))
    return tuple(found)


def remove(action: EngineAction, one: Stale) -> None:
    """Not its volumes; not if it runs by now: the engine itself refuses that. Raises Refusal, Unseen."""
    action.delete(f"/containers/{one.id}?v=false&force=false")
