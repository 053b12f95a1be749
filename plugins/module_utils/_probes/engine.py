# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The engines of this host, their containers in every state, and what those publish.

Engine calls: two an engine, one more for each container that does not run, and one where it is a swarm manager.
An engine that is stopped is reported as such and not started by looking (`engine_places.py`).
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Engine, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._host import BECOME, Deserted, Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_calls import Caller
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_containers import Reader, Seen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_daemon import engine_of
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_places import UNIX, Finder, Place
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_ports import of_services
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request

SECTIONS = ("engine", "containers", "publications")

_NOBODY = "no Docker engine found: no dockerd runs for this network, and there is no socket of one"
_INSTALL = "install and start Docker, or name its endpoint in docker_host"


class Sight:
    """What is seen of one engine. unseen: why its containers are not; None if they are.

    key: the same for two endpoints of one engine. Its id alone does not do: up to 24 it is that of a folder in /etc.
    """

    def __init__(self, host: Host, place: Place) -> None:
        daemon, endpoint = place.daemon, place.endpoint
        self.engine = engine_of(host, daemon, endpoint) if daemon else Engine(endpoint=endpoint, state="unknown")
        self.unseen: t.Optional[Unseen] = None
        self.key = (endpoint, "")
        self.seen: t.Tuple[Seen, ...] = ()
        self.services: t.Tuple[t.Any, ...] = ()
        self.blind: t.List[Blind] = []
        self._host = host
        self._caller = Caller(host, self.engine)
        self._files = daemon.root if daemon else "" if endpoint.startswith(UNIX) else None
        if place.asleep:
            self._is_stopped(Unseen(f"{endpoint}: {place.asleep}", "start docker.service"))
        else:
            self._meet()

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
            if self.engine.id:
                self.key = (self.engine.id, self._caller.folder)

    def read(self) -> None:
        """Its containers, and its swarm's services if it manages one."""
        if self.unseen:
            return
        reader = Reader(self._host, self._caller, self._files)
        try:
            self.seen = reader.read()
        except Unseen as exc:
            self.unseen = exc
            return
        self.blind += reader.blind
        if self.engine.manager:
            try:
                self.services = of_services(self._caller.list("/services"), self.engine.endpoint)
            except Unseen as exc:
                self.blind.append(Blind("publications", exc.why, exc.see, "swarm services"))


def probe(host: Host, request: Request, evidence: Evidence, blind: t.List[Blind]) -> t.Dict[str, t.Any]:
    """Raises Unseen if an endpoint that the user named cannot be asked at all."""
    places, hidden = _places(host, request.docker_host)
    if hidden:
        blind.append(Blind("engine", "/proc hides the processes of other users", BECOME, "engines of other users"))
    sights: t.Dict[t.Tuple[str, str], Sight] = {}
    for place in places:
        sight = Sight(host, place)
        sights.setdefault(sight.key, sight)
    if not sights:
        blind.append(Blind("engine", _NOBODY, _INSTALL, "any engine", hides=False))
    found = list(sights.values())
    for sight in found:
        if set(SECTIONS[1:]) & set(request.sections):
            sight.read()
        if request.docker_host and sight.unseen and sight.engine.state == "unknown":
            raise sight.unseen
        blind += sight.blind
    return {"engine": tuple(sight.engine for sight in found), **_contents(found, blind)}


def _places(host: Host, docker_host: t.Optional[str]) -> t.Tuple[t.Tuple[Place, ...], bool]:
    """Where to look, and whether there may be more. Raises Unseen where there is no /proc to find engines in."""
    if not docker_host:
        finder = Finder(host)
        return finder.all(), finder.hidden
    if not docker_host.startswith(UNIX):
        return (Place(docker_host),), False
    try:
        return (Finder(host).at(docker_host[len(UNIX) :]),), False
    except Unseen:
        return (Place(docker_host),), False


def _contents(sights: t.Sequence[Sight], blind: t.List[Blind]) -> t.Dict[str, t.Any]:
    """Containers and publications of all engines; not seen only if none of the engines shows its own."""
    unseen = [(sight.engine.endpoint, sight.unseen) for sight in sights if sight.unseen]
    none = len(unseen) == len(sights) > 0
    for endpoint, exc in unseen:
        part = "" if none else f"those of {endpoint}"
        blind += [Blind(section, exc.why, exc.see, part) for section in SECTIONS[1:]]
    if none:
        return {}
    seen = [one for sight in sights for one in sight.seen]
    services = [service for sight in sights for service in sight.services]
    published = [publication for _container, publications in seen for publication in publications]
    return {"containers": tuple(container for container, _ in seen), "publications": (*published, *services)}
