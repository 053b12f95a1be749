# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What is seen of one engine."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import (
    Engine,
    NetworkEndpoint,
    Publication,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Kernel
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Deserted, Host, Refused, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_calls import Caller
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_containers import Reader, Seen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_daemon import Daemon, engine_of
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_networks import of_networks
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_places import UNIX, Place
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_ports import of_services

_START = "start docker.service"


class Sight:
    """An engine, and what it says when it is asked.

    unseen: why its containers are not seen; None if they are. blind: what else is not.
    key: the same for two endpoints of one engine. Its id alone does not do: up to 24 it is that of a folder in /etc.
    """

    def __init__(self, host: Host, place: Place) -> None:
        daemon, endpoint = place.daemon, place.endpoint
        unknown = Engine(endpoint=endpoint, state="unknown", namespace=place.namespace)
        self.engine = engine_of(host, daemon, endpoint) if daemon else unknown
        self.key = (endpoint, "")
        self.unseen: t.Optional[Unseen] = None
        self.blind: t.List[Blind] = []
        self.containers: t.Tuple[Seen, ...] = ()
        self.services: t.Tuple[Publication, ...] = ()
        self.endpoints: t.Tuple[NetworkEndpoint, ...] = ()
        self._host = host
        self._caller = Caller(host, self.engine)
        here = endpoint.startswith(UNIX) and not place.elsewhere
        self._files = daemon.root if daemon else "" if here else None
        self._bridges_are_here = daemon is not None and daemon.kit is None
        if daemon:
            self._report_settings(daemon)
        if place.asleep:
            self._is_stopped(Unseen(place.asleep, _START))
        else:
            self._meet()

    def _report_settings(self, daemon: Daemon) -> None:
        """A file that this user may not read may hold what the record then does not say."""
        try:
            self._host.read(daemon.root + self.engine.config_file)
        except Refused as exc:
            self.blind.append(Blind("engine", exc.why, exc.see, f"settings of {self.engine.endpoint}", hides=False))
        except Unseen:  # no file is as good as an empty one
            return

    def _is_stopped(self, why: Unseen) -> None:
        self.engine = replace(self.engine, state="stopped")
        self.unseen = why

    def _meet(self) -> None:
        try:
            self._caller.introduce()
        except Deserted as exc:
            self._is_stopped(exc)
        except Unseen as exc:
            self.unseen = exc
            self.blind.append(Blind("engine", exc.why, exc.see, f"version of {self.engine.endpoint}"))
        else:
            self.engine = self._caller.engine
            self.key = (self.engine.id, self._caller.folder) if self.engine.id else self.key

    def read(self, kernel: t.Optional[Kernel], deep: bool) -> None:
        """Its containers, and its swarm's services if it manages one. deep: its networks, too.

        kernel: of this host, to name the bridges.
        """
        reader = Reader(self._host, self._caller, self._files, kernel if self._bridges_are_here else None)
        try:
            self.containers = reader.read()
        except Unseen as exc:
            self.unseen = exc
            return
        self.blind += reader.blind
        self.endpoints = tuple(reader.endpoints)
        if self.engine.manager:
            self._read_services()
        if deep:
            self._read_networks()

    def _read_services(self) -> None:
        try:
            self.services = of_services(self._caller.list("/services"), self.engine.endpoint)
        except Unseen as exc:
            self.blind.append(Blind("publications", exc.why, exc.see, "swarm services"))

    def _read_networks(self) -> None:
        known = {container.id for container, _publications in self.containers}
        try:
            self.endpoints = tuple(of_networks(self._caller, known))
        except Unseen as exc:
            self.blind.append(Blind("endpoints", exc.why, exc.see, f"networks of {self.engine.endpoint}"))
