# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""All that a module needs to restart the engine of a host with care."""

from __future__ import annotations

import os
import signal
import time
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._arguments import host_of, tls_of
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.blast import Blast, blast_of
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.endpoint import endpoint_of
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.launch import Launch, Place
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.plan import config_of, place_of
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.survival import LiveRestore, starts_with
from ansible_collections.dockmaster.ports.plugins.module_utils._engine_action import EngineAction
from ansible_collections.dockmaster.ports.plugins.module_utils._live_host import LiveHost
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.answers import knocked, own_addresses
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.inventory import After, Before, before
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.restart import Restart, losses, tolerated_of
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.service import Refused, Service, service_of

_TAKES_OVER = 5.0  # seconds

RESTART_ARGUMENTS: t.Dict[str, t.Dict[str, t.Any]] = {
    "wait": {"type": "float", "default": 60.0},
    "start_again": {"type": "bool", "default": True},
    "lose": {"type": "bool", "default": False},
    "live_restore": {"type": "bool", "default": False},
    "tolerate": {"type": "list", "elements": "str", "default": []},
    "rootless": {"type": "bool"},
    "unit": {"type": "str", "default": "docker.service"},
}


@dataclass(frozen=True)
class Careful:
    """An engine that may be restarted, with what runs on it. live_restore: it is told to take that over first."""

    host: LiveHost
    place: Place
    launch: Launch
    service: Service
    blast: Blast
    was: Before
    restart: Restart
    live_restore: bool = False

    def prepare(self) -> None:
        """Has live-restore turned on, if that was wished. Raises Refused if it is not; nothing was stopped then."""
        if self.live_restore and self.launch.pid:
            os.kill(self.launch.pid, signal.SIGHUP)
            self._wait_for_live_restore()

    def do(self) -> t.Tuple[After, t.List[str]]:
        """Raises Failed, NotWhole; Refused before anything is stopped."""
        self.prepare()
        return self.restart.run(self.was)

    def _wait_for_live_restore(self) -> None:
        until = time.monotonic() + _TAKES_OVER
        kept = LiveRestore(at_start=True)
        while not blast_of(self.host, self.launch, self.restart.action.endpoint, kept).live_restore:
            if time.monotonic() > until:
                raise Refused("the engine did not turn live-restore on when it was told to reload: it is not restarted")
            time.sleep(0.2)


def place_on(params: t.Mapping[str, t.Any]) -> t.Tuple[LiveHost, Place]:
    """The host, and which of its engines is meant. Raises ValueError."""
    return host_of(params), place_of(params["rootless"], params["unit"], os.environ)


def careful(params: t.Mapping[str, t.Any], host: LiveHost, place: Place, launch: Launch) -> Careful:
    """Raises Refused where a restart would lose something, or where nobody could tell; ValueError for an option."""
    tolerated = tolerated_of(params["tolerate"])
    if params["wait"] <= 0:
        raise ValueError(f"wait: {params['wait']:g} is not a number of seconds: expected more than 0, such as 60")
    config = config_of(place, launch)
    endpoint = endpoint_of(place, launch, config, params["docker_host"])
    live = LiveRestore(starts_with(launch, config), reloaded=params["live_restore"])
    blast = blast_of(host, launch, endpoint, live)
    if blast.why:
        raise Refused(f"the engine was not asked what runs, so it is not restarted: {blast.why}")
    lost = losses(blast)
    if lost and not params["lose"]:
        raise Refused(f"a restart removes {', '.join(lost)} (--rm): stop them first, or allow it with lose=true")
    service = service_of(host, place)
    restart = Restart(
        host_of({**params, "timeout": params["wait"]}),
        service,
        EngineAction(endpoint, tls_of(params), params["wait"]),
        knocked,
        params["wait"],
        params["start_again"],
        tolerated,
    )
    was = before(blast, own_addresses(host), knocked)
    return Careful(host, place, launch, service, blast, was, restart, params["live_restore"])
