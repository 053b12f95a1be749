# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""An engine's documents as records.

Source: GET /info, /containers/json?all=1, /containers/{id}/json; read at engines 20.10, 26.1, 28.5 and 29.7.
Environment variables of containers are in none of what is read here.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import replace

from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Container, Engine
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Answer, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_ports import RUNNING
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_values import (
    Document,
    address,
    decoded,
    items,
    mapping,
    number,
    text,
    visible,
)

_ID = re.compile(r"[0-9a-f]{64}")
_MUCH = 300  # characters of an engine's message
_PROJECT, _SERVICE = "com.docker.compose.project", "com.docker.compose.service"


def with_info(engine: Engine, info: Document, headers: t.Mapping[str, str]) -> Engine:
    """What an engine tells of itself, added to what is known of it."""
    server = visible(headers.get("server", ""))
    return replace(
        engine,
        state="running",
        name="podman" if server.lower().startswith("libpod") else engine.name,
        id=text(info, "ID"),
        version=text(info, "ServerVersion"),
        api_version=visible(headers.get("api-version", "")),
        operating_system=text(info, "OperatingSystem"),
        os_type=text(info, "OSType"),
        rootless=engine.rootless or "name=rootless" in items(info, "SecurityOptions"),
        live_restore=info.get("LiveRestoreEnabled") is True,
        firewall_backend=text(info, "FirewallBackend", "Driver"),
        swarm=text(info, "Swarm", "LocalNodeState") or "inactive",
        manager=mapping(info, "Swarm").get("ControlAvailable") is True,
    )


def container_of(entry: Document, engine: str) -> t.Optional[Container]:
    """A container as the list of all of them tells; None for what is no container.

    Addresses are those of one that runs: one whose start failed keeps in its document what another may have by now.
    """
    identity = text(entry, "Id")
    if not _ID.fullmatch(identity):
        return None
    state = text(entry, "State").lower()
    labels = mapping(entry, "Labels")
    networks = mapping(entry, "NetworkSettings", "Networks")
    return Container(
        id=identity,
        name=_name(items(entry, "Names")) or identity[:12],
        engine=engine,
        image=text(entry, "Image"),
        state=state,
        network_mode=text(entry, "HostConfig", "NetworkMode"),
        project=text(labels, _PROJECT),
        service=text(labels, _SERVICE),
        addresses=_addresses(networks) if state in RUNNING else (),
        networks=tuple(visible(name) for name in networks),
        created=number(entry, "Created"),
    )


def with_detail(container: Container, detail: Document) -> Container:
    """What the container's own document says beside; it is later than the list, and right where they differ."""
    state = text(detail, "State", "Status").lower() or container.state
    return replace(
        with_host_config(container, mapping(detail, "HostConfig")),
        state=state,
        addresses=_addresses(mapping(detail, "NetworkSettings", "Networks")) if state in RUNNING else (),
        pid=number(detail, "State", "Pid") or None,
        exit_code=number(detail, "State", "ExitCode"),
        error=text(detail, "State", "Error"),
    )


def with_host_config(container: Container, host_config: Document) -> Container:
    return replace(container, restart=text(host_config, "RestartPolicy", "Name"))


def message(answer: Answer) -> str:
    """What an engine says about a call that failed, or the start of what something before the engine says instead."""
    try:
        said = text(decoded(answer.body, ""), "message")
    except Unseen:
        said = ""
    return " ".join((said or visible(answer.body[:_MUCH])).split())[:_MUCH]


def _name(names: t.Iterable[t.Any]) -> str:
    """Its own: a name of the form /other/alias is a link of another container to it."""
    own = [visible(name)[1:] for name in names if isinstance(name, str) and name.rfind("/") == 0]
    return own[0] if own else ""


def _addresses(networks: Document) -> t.Tuple[str, ...]:
    found = [address(one, key) for one in networks.values() for key in ("IPAddress", "GlobalIPv6Address")]
    return tuple(filter(None, found))
