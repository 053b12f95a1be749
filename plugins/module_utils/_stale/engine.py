# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The engine that stale things are looked for on, and removed from. One that does not run is not woken."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._collect import collect
from ansible_collections.dockmaster.ports.plugins.module_utils._engine_action import Refusal
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request

USUAL = ("unix:///var/run/docker.sock", "unix:///run/docker.sock")


class Named(t.Protocol):
    @property
    def name(self) -> str: ...


T = t.TypeVar("T", bound=Named)


class NotRemoved(ValueError):
    """The engine did not remove one. The message says which ones are gone by then."""


def endpoint_of(host: Host, docker_host: t.Optional[str]) -> str:
    """Raises Unseen where no engine runs there."""
    evidence = collect(host, Request(sections=("platform", "units", "sockets", "engine"), docker_host=docker_host))
    if evidence.engine is None:
        raise Unseen(evidence.unseen("engine"))
    wanted = (docker_host,) if docker_host else USUAL
    for one in evidence.engine:
        if one.endpoint in wanted:
            if one.state != "running":
                raise Unseen(f"the engine at {one.endpoint} is {one.state}, and is not woken", "start it")
            return one.endpoint
    raise Unseen(f"no engine runs at {wanted[0]}", "name its endpoint in docker_host")


def remove_all(found: t.Iterable[T], remove: t.Callable[[T], None]) -> None:
    """One after the other, up to the first that the engine refuses: somebody uses it by now. Raises NotRemoved."""
    gone: t.List[str] = []
    for one in found:
        try:
            remove(one)
        except (Refusal, Unseen) as exc:
            done = f"; removed before it: {', '.join(gone)}" if gone else ""
            raise NotRemoved(f"{one.name} was not removed: {exc}{done}") from exc
        gone.append(one.name)
