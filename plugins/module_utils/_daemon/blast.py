# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What a restart of the engine would stop, and which ports nobody would hold meanwhile.

Source: moby daemon/daemon.go (restore), daemon/monitor.go.
docker-proxy dies with the engine even under live-restore, so a survivor's port is open to whoever binds it first.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import Binding, BindingError, canonical
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.launch import Launch
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.survival import SURVIVES, LiveRestore
from ansible_collections.dockmaster.ports.plugins.module_utils._engine_json import get, get_if_there
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen

Json = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class Affected:
    """A container that runs. restart: its policy.

    after: survives, reload_first, returns, depends, stays_down or is_removed.
    reload_first: it survives if the engine is reloaded before it is restarted, and so takes live-restore over.
    depends: its policy is on-failure, so it returns only if stopping it counts as a failure (its exit code is not 0).
    state: running, paused or restarting. ipv6: it has an IPv6 address of its own.
    anywhere: of its ports those that it publishes on the default bridge without saying where.
    """

    id: str
    name: str
    restart: str
    after: str
    ports: t.Tuple[str, ...] = ()
    state: str = "running"
    ipv6: bool = False
    anywhere: t.Tuple[str, ...] = ()


@dataclass(frozen=True)
class Blast:
    """containers: all that run or are paused. live_restore: they survive. why: empty, or why nothing was seen."""

    containers: t.Tuple[Affected, ...] = ()
    live_restore: bool = False
    swarm: bool = False
    version: t.Tuple[int, ...] = ()
    why: str = ""

    @property
    def ports(self) -> t.Tuple[str, ...]:
        """Bindings that nobody holds while the engine is down, and that their containers need again."""
        return tuple(
            sorted({p for c in self.containers if c.after not in ("stays_down", "is_removed") for p in c.ports})
        )


def blast_of(host: Host, launch: Launch, endpoint: str, live: LiveRestore) -> Blast:
    """Asks an engine that runs; one that does not is not woken, and has nothing to lose."""
    if launch.pid is None:
        return Blast()
    try:
        return _ask(host, endpoint, live)
    except Unseen as exc:
        return Blast(why=str(exc))


def _ask(host: Host, endpoint: str, live: LiveRestore) -> Blast:
    info = get(host, endpoint, "/info")
    swarm = (info.get("Swarm") or {}).get("LocalNodeState", "inactive") not in ("", "inactive")
    spared = live.spares(info.get("LiveRestoreEnabled") is True, swarm)
    listed = get(host, endpoint, "/containers/json")
    inspected = [(one, get_if_there(host, endpoint, f"/containers/{one['Id']}/json")) for one in listed]
    affected = tuple(_affected(one, more, spared) for one, more in inspected if more)  # it may be gone by now
    return Blast(affected, spared == SURVIVES, swarm, version_of(str(info.get("ServerVersion", ""))))


def version_of(text: str) -> t.Tuple[int, ...]:
    """The numbers that a version starts with: 26.1.5+dfsg1 is (26, 1, 5)."""
    numbers = []
    for part in text.split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits:
            break
        numbers.append(int(digits))
        if digits != part:
            break
    return tuple(numbers)


def _affected(listed: Json, inspected: Json, spared: str) -> Affected:
    settings = inspected.get("HostConfig") or {}
    ports = [(one, _binding(one)) for one in listed.get("Ports") or ()]
    policy = (settings.get("RestartPolicy") or {}).get("Name") or "no"
    name = str(inspected.get("Name") or listed["Id"][:12]).lstrip("/")
    return Affected(
        str(listed["Id"]),
        name,
        policy,
        spared or _after(policy, bool(settings.get("AutoRemove"))),
        tuple(sorted({binding for _port, binding in ports if binding})),
        str(listed.get("State") or "running"),
        any(one.get("GlobalIPv6Address") for one in _networks(inspected)),
        tuple(sorted({binding for port, binding in ports if binding and _is_anywhere(settings, port)})),
    )


def _is_anywhere(settings: Json, port: Json) -> bool:
    if settings.get("NetworkMode") not in ("default", "bridge"):
        return False
    asked = (settings.get("PortBindings") or {}).get(f"{port.get('PrivatePort')}/{port.get('Type')}") or ()
    return bool(asked) and not any(one.get("HostIp") for one in asked)


def _networks(inspected: Json) -> t.Iterable[Json]:
    return ((inspected.get("NetworkSettings") or {}).get("Networks") or {}).values()


def _after(policy: str, auto_remove: bool) -> str:
    if auto_remove:
        return "is_removed"
    return {"always": "returns", "unless-stopped": "returns", "on-failure": "depends"}.get(policy, "stays_down")


def _binding(port: Json) -> str:
    """As text; empty for a port that is not published."""
    if not port.get("PublicPort"):
        return ""
    number = int(port["PublicPort"])
    try:
        return str(Binding(canonical(str(port.get("IP") or "0.0.0.0")), str(port.get("Type", "tcp")), number, number))
    except BindingError:
        return ""
