# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The engines of this host, their containers in every state, what those publish, and the addresses that they have.

Engine calls: two an engine, one more for each container that does not run, and one where it is a swarm manager.
Networks are asked for here only if nobody asks for what would tell whether they matter; else see `networks.py`.
An engine that is stopped is reported as such and not started by looking (`engine_places.py`).
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.docker_inventory import OTHER_ENGINES
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Kernel
from ansible_collections.dockmaster.ports.plugins.module_utils._host import BECOME, Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import networks
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_places import UNIX, Finder, Place
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_sight import Sight
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request

SECTIONS = ("engine", "containers", "publications", "endpoints")

_CONTENTS = SECTIONS[1:]
_NOBODY = {
    "Linux": "no Docker engine found: no dockerd runs for this network, and there is no socket of one",
    "Darwin": "no Docker engine found: no user's context leads to a socket that is there",
}
_HIDDEN = {"Linux": "/proc hides the processes of other users", "Darwin": "other users' contexts may not be read"}
_ASK_ALL = "leave out docker_host"
_INSTALL = "install and start Docker, or name its endpoint in docker_host"


def probe(host: Host, request: Request, evidence: Evidence, blind: t.List[Blind]) -> t.Dict[str, t.Any]:
    """Raises Unseen if an endpoint that the user named cannot be asked at all."""
    sights = _meet(host, request, evidence.kernel, blind)
    if not sights:
        blind.append(Blind("engine", _NOBODY[request.system], _INSTALL, "any engine", hides=False))
    deep = "endpoints" in request.sections and not networks.may_tell(request)
    for sight in sights:
        if not sight.unseen and set(_CONTENTS) & set(request.sections):
            sight.read(evidence.kernel, deep)
        if sight.unseen and sight.engine.state == "unknown" and request.docker_host:
            raise sight.unseen
        blind += sight.blind
    return {"engine": tuple(sight.engine for sight in sights), **_contents(sights, blind)}


def _meet(host: Host, request: Request, kernel: t.Optional[Kernel], blind: t.List[Blind]) -> t.List[Sight]:
    """Every engine once, however many ways lead to it."""
    places, hidden = _places(host, request, kernel, blind)
    if hidden:
        blind.append(Blind("engine", _HIDDEN[request.system], BECOME, "engines of other users"))
    sights: t.Dict[t.Tuple[str, str], Sight] = {}
    for place in places:
        sight = Sight(host, place)
        sights.setdefault(sight.key, sight)
    return list(sights.values())


def _in_contexts(host: Host) -> t.Tuple[t.Tuple[Place, ...], bool]:
    from ansible_collections.dockmaster.ports.plugins.module_utils._probes.macos import contexts

    return contexts.places(host)


def _places(
    host: Host, request: Request, kernel: t.Optional[Kernel], blind: t.List[Blind]
) -> t.Tuple[t.Tuple[Place, ...], bool]:
    """Where to look, and whether there may be more. Raises Unseen where there is no /proc to find engines in."""
    docker_host = request.docker_host
    if request.system == "Darwin":
        return ((Place(docker_host, elsewhere=True),), False) if docker_host else _in_contexts(host)
    if docker_host:
        return (_named(host, docker_host, kernel, blind),), False
    finder = Finder(host)
    return finder.all(), finder.hidden


def _named(host: Host, docker_host: str, kernel: t.Optional[Kernel], blind: t.List[Blind]) -> Place:
    """The endpoint of the user's, and the process that serves it if that is one of this host."""
    try:
        finder = Finder(host)
    except Unseen:
        return Place(docker_host)
    own = {one.ip for one in kernel.addresses} if kernel else ()
    is_unix = docker_host.startswith(UNIX)
    place = finder.at(docker_host[len(UNIX) :]) if is_unix else finder.by_tcp(docker_host, own)
    if finder.has_others(place):
        blind.append(Blind("containers", f"only {docker_host} was asked", _ASK_ALL, OTHER_ENGINES))
    return place


def _contents(sights: t.Sequence[Sight], blind: t.List[Blind]) -> t.Dict[str, t.Any]:
    """Of all engines together; not seen only if none of the engines shows its own."""
    unseen = [(sight.engine.endpoint, sight.unseen) for sight in sights if sight.unseen]
    none = len(unseen) == len(sights) > 0
    for endpoint, exc in unseen:
        for section in _CONTENTS:
            blind.append(Blind(section, exc.why, exc.see, "" if none else f"{section} of {endpoint}"))
    if none:
        return {}
    seen = [one for sight in sights for one in sight.containers]
    published = [publication for _container, publications in seen for publication in publications]
    services = [service for sight in sights for service in sight.services]
    return {
        "containers": tuple(container for container, _publications in seen),
        "publications": (*published, *services),
        "endpoints": tuple(endpoint for sight in sights for endpoint in sight.endpoints),
    }
