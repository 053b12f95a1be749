# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""All networks of the engines, and endpoints that have no container: asked for only where something has no explanation.

The list of containers tells the addresses of those that run, and where every rule and every listener of an engine leads
to one of them nobody else matters. Where one does not, or in a swarm: one call an engine, and one more a network.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Engine, NetworkEndpoint
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import NatRule
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_calls import Caller
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_networks import of_networks
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request

SECTIONS = ("endpoints",)

_TELLING = ("engine", "containers", "publications", "sockets", "nat")
_FORWARDERS = ("docker-proxy", "dockerd", "rootlesskit")


def may_tell(request: Request) -> bool:
    """Whether all is gathered that tells if the networks matter."""
    return set(_TELLING) <= set(request.sections)


def probe(host: Host, request: Request, evidence: Evidence, blind: t.List[Blind]) -> t.Dict[str, t.Any]:
    """What the engine probe reported, completed. Nothing where that is complete, or saw nothing."""
    if evidence.endpoints is None or not may_tell(request) or not _matters(evidence):
        return {}
    known = {container.id for container in evidence.containers or ()}
    found: t.List[NetworkEndpoint] = []
    for engine in evidence.engine or ():
        listed = [endpoint for endpoint in evidence.endpoints if endpoint.engine == engine.endpoint]
        found += (_of(host, engine, known, blind) if _answers(engine, evidence) else ()) or listed
    return {"endpoints": tuple(found)}


def _answers(engine: Engine, evidence: Evidence) -> bool:
    """One that hung when it was asked for its containers would cost the same time again."""
    failed = any(one.section == "endpoints" and one.part.endswith(f" of {engine.endpoint}") for one in evidence.blind)
    return engine.state == "running" and not failed


def _of(host: Host, engine: Engine, known: t.Container[str], blind: t.List[Blind]) -> t.Tuple[NetworkEndpoint, ...]:
    try:
        return tuple(of_networks(Caller(host, engine), known))
    except Unseen as exc:
        blind.append(Blind("endpoints", exc.why, exc.see, f"networks of {engine.endpoint}"))
        return ()


def _matters(evidence: Evidence) -> bool:
    swarm = any(engine.swarm != "inactive" for engine in evidence.engine or ())
    published = {
        (one.protocol, port)
        for one in evidence.publications or ()
        if one.actual
        for port in range(one.first, one.last + 1)
    }
    addresses = {endpoint.ip for endpoint in evidence.endpoints or ()}
    hidden = any(one.section == "sockets" and one.hides for one in evidence.blind)
    return (
        swarm
        or any(_is_loose(rule, addresses, published) for rule in evidence.nat or ())
        or any(_is_alone(one, published, hidden) for one in evidence.sockets or ())
    )


def _is_loose(rule: NatRule, addresses: t.Container[str], published: t.Container[t.Tuple[str, int]]) -> bool:
    """Whether a rule of an engine's leads to no running container, or from a port that none publishes."""
    if rule.action == "drop":
        return rule.table == "raw" and bool(rule.ip) and rule.not_in_interface != "lo" and rule.ip not in addresses
    if rule.action != "dnat" or rule.owner not in ("docker", "swarm"):
        return False
    return rule.to_ip not in addresses or (rule.protocol, rule.first) not in published


def _is_alone(one: Socket, published: t.Container[t.Tuple[str, int]], hidden: bool) -> bool:
    """Whether a listener that may be an engine's serves no publication. hidden: some owners are not seen."""
    may_be = one.command in _FORWARDERS or (hidden and one.pid is None)
    return may_be and (one.protocol, one.port) not in published
