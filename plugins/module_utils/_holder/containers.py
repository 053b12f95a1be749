# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Stops or removes one container. Volumes are never touched."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._engine_action import EngineAction
from ansible_collections.dockmaster.ports.plugins.module_utils._engine_json import get_if_there
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen

RUNNING = ("running", "paused", "restarting")
_COMES_BACK = ("always",)  # even after it was stopped by hand, when the engine restarts


@dataclass(frozen=True)
class Container:
    """endpoint: of its engine. state: as the engine says. restart: its policy."""

    endpoint: str
    id: str
    name: str
    state: str
    restart: str

    @property
    def runs(self) -> bool:
        return self.state in RUNNING


def container_of(host: Host, evidence: Evidence, container: str) -> t.Optional[Container]:
    """By its full id, on whichever engine has it; None if none has. Raises Unseen."""
    if evidence.containers is None:
        raise Unseen(evidence.unseen("containers"))
    for one in evidence.containers:
        if one.id == container:
            return _inspected(host, one.engine, container)
    return None


def _inspected(host: Host, endpoint: str, container: str) -> t.Optional[Container]:
    found = get_if_there(host, endpoint, f"/containers/{container}/json")
    if found is None:
        return None
    policy = ((found.get("HostConfig") or {}).get("RestartPolicy") or {}).get("Name") or "no"
    return Container(endpoint, container, str(found["Name"]).lstrip("/"), str(found["State"]["Status"]), str(policy))


def stop(action: EngineAction, one: Container, grace: float) -> None:
    """Raises Refusal, Unseen."""
    action.post(f"/containers/{one.id}/stop?t={int(grace)}")


def remove(action: EngineAction, one: Container) -> None:
    """Raises Refusal, Unseen."""
    action.delete(f"/containers/{one.id}?v=false&force=false")


def warning(one: Container) -> str:
    """What stopping it does not achieve; empty if nothing."""
    if one.restart in _COMES_BACK:
        return f"{one.name} has the restart policy {one.restart}: it starts again when the engine does"
    return ""
