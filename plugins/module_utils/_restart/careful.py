# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""All that a module needs to restart the engine of a host with care."""

from __future__ import annotations

import os
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._arguments import host_of, tls_of
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.blast import Blast, blast_of, endpoint_of
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.launch import Launch, Place, launch_of
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.plan import config_of, place_of
from ansible_collections.dockmaster.ports.plugins.module_utils._engine_action import EngineAction
from ansible_collections.dockmaster.ports.plugins.module_utils._live_host import LiveHost
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.answers import knocked, own_addresses
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.inventory import Before, before
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.restart import Restart, losses
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.service import Failed, Service, service_of

RESTART_ARGUMENTS: t.Dict[str, t.Dict[str, t.Any]] = {
    "wait": {"type": "float", "default": 60.0},
    "start_again": {"type": "bool", "default": True},
    "lose": {"type": "bool", "default": False},
    "tolerate": {"type": "list", "elements": "str", "default": []},
    "rootless": {"type": "bool"},
    "unit": {"type": "str", "default": "docker.service"},
}


@dataclass(frozen=True)
class Careful:
    """An engine that may be restarted, with what runs on it."""

    host: LiveHost
    place: Place
    launch: Launch
    service: Service
    blast: Blast
    was: Before
    restart: Restart


def engine_of(params: t.Mapping[str, t.Any]) -> t.Tuple[LiveHost, Place, Launch]:
    """Raises ValueError."""
    host = host_of(params)
    place = place_of(params["rootless"], params["unit"], os.environ)
    return host, place, launch_of(host, place)


def careful(params: t.Mapping[str, t.Any], host: LiveHost, place: Place, launch: Launch) -> Careful:
    """Raises Failed where a restart would lose something, or where nobody could tell."""
    config = config_of(place, launch)
    endpoint = params["docker_host"] or endpoint_of(place, launch, config)
    blast = blast_of(host, place, launch, config, endpoint)
    if blast.why:
        raise Failed(f"the engine was not asked what runs, so it is not restarted: {blast.why}")
    lost = losses(blast)
    if lost and not params["lose"]:
        raise Failed(f"a restart removes {', '.join(lost)} (--rm): stop them first, or allow it with lose=true")
    service = service_of(host, place)
    restart = Restart(
        LiveHost(params["wait"]),
        service,
        EngineAction(endpoint, tls_of(params), params["wait"]),
        knocked,
        params["wait"],
        params["start_again"],
        frozenset(params["tolerate"]),
    )
    return Careful(host, place, launch, service, blast, before(blast, own_addresses(host), knocked), restart)
