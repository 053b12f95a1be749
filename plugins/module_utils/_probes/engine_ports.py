# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Published ports out of an engine's documents.

Source: GET /containers/json (Ports), GET /containers/{id}/json (HostConfig, NetworkSettings.Ports), GET /services;
read at engines 20.10, 26.1, 28.5 and 29.7. moby, portallocator.go: a range of host ports means any one of them.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import replace

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import MAX_PORT, PROTOCOLS
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Container, Publication
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_values import (
    Document,
    address,
    items,
    mapping,
    number,
    text,
)

RUNNING = ("running", "paused")  # the states in which a container has its ports and addresses
_UNPUBLISHED = ("host", "none", "container")  # network modes in which an engine ignores published ports
_KEY = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?(?:/([A-Za-z]+))?")  # 80/tcp, 80, 8000-8010/udp
_RANGE = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")


def listed(entry: Document, of: Container) -> t.Tuple[Publication, ...]:
    """What a running container has, as the list of containers tells; an exposed port that is not published has none."""
    base = _base(of, actual=True)
    return _collapsed(
        _publication(base, address(one, "IP"), text(one, "Type"), (host, host), number(one, "PrivatePort"))
        for one in items(entry, "Ports")
        for host in [number(one, "PublicPort")]
        if host
    )


def bound(detail: Document, of: Container) -> t.Tuple[Publication, ...]:
    """The same, as its inspect tells."""
    base = _base(of, actual=True)
    return _collapsed(
        _publication(base, address(one, "HostIp"), protocol, ports, target)
        for target, protocol, bindings in _by_target(mapping(detail, "NetworkSettings", "Ports"))
        for one in bindings
        for ports in [_host_ports(text(one, "HostPort"))]
        if ports[0]
    )


def configured(host_config: Document, exposed: t.Iterable[str], of: Container) -> t.Tuple[Publication, ...]:
    """What a container asks for whenever it starts. exposed: its ports, which `--publish-all` publishes."""
    if of.network_mode.partition(":")[0] in _UNPUBLISHED:
        return ()
    base = _base(of, actual=False)
    asked = mapping(host_config, "PortBindings")
    if host_config.get("PublishAllPorts") is True:
        asked = {**{str(port): [] for port in exposed}, **asked}
    return _collapsed(
        _publication(base, address(one, "HostIp"), protocol, _host_ports(text(one, "HostPort")), target)
        for target, protocol, bindings in _by_target(asked)
        for one in bindings or [{}]  # an empty list means a port that the engine chooses
    )


def of_services(services: t.Any, engine: str) -> t.Tuple[Publication, ...]:
    """What swarm services have on every node (mode ingress), or where their tasks run (mode host)."""
    return tuple(
        publication
        for service in (services if isinstance(services, list) else [])
        for publication in _of_service(service, engine)
    )


def _of_service(service: Document, engine: str) -> t.Tuple[Publication, ...]:
    ports = items(service, "Endpoint", "Ports") or items(service, "Spec", "EndpointSpec", "Ports")
    stand_in = Container(text(service, "ID"), text(service, "Spec", "Name"), engine)
    base = replace(_base(stand_in, actual=True), kind="service")
    return _collapsed(
        _publication(
            replace(base, mode=text(port, "PublishMode") or "ingress"),
            "",
            text(port, "Protocol"),
            (number(port, "PublishedPort") or 0,) * 2,
            number(port, "TargetPort"),
        )
        for port in ports
    )


def _by_target(ports: Document) -> t.Iterator[t.Tuple[int, str, t.List[t.Any]]]:
    """{"80/tcp": [{HostIp, HostPort}]} as target port, protocol and bindings; a key that is none is left out."""
    for key, bindings in ports.items():
        match = _KEY.fullmatch(key)
        if match:
            for target in range(int(match[1]), int(match[2] or match[1]) + 1):
                yield target, match[3] or "tcp", bindings if isinstance(bindings, list) else []


def _host_ports(words: str) -> t.Tuple[int, int]:
    """8080, or 8000-8010; 0 and 0 where the engine chooses."""
    match = _RANGE.fullmatch(words)
    return (int(match[1]), int(match[2] or match[1])) if match else (0, 0)


def _base(of: Container, actual: bool) -> Publication:
    """All that the publications of one container have in common."""
    by = f"{of.project}/{of.service}" if of.project and of.service else of.name
    return Publication(of.id, of.name, by, "tcp", 0, 0, 0, actual=actual, state=of.state, engine=of.engine)


def _publication(
    base: Publication, ip: str, protocol: str, ports: t.Tuple[int, int], target: t.Optional[int]
) -> t.Optional[Publication]:
    """None for host ports and protocols that no kernel has."""
    first, last = ports
    protocol = protocol.lower() or "tcp"
    if not 0 <= first <= last <= MAX_PORT or protocol not in PROTOCOLS:
        return None
    choice = "any" if last > first else "all"
    target = target if target and 0 < target <= MAX_PORT else 0
    return replace(base, ip=ip, protocol=protocol, first=first, last=last, target=target, choice=choice)


def _collapsed(found: t.Iterable[t.Optional[Publication]]) -> t.Tuple[Publication, ...]:
    """Ports in a row that lead to targets in a row as one range: an engine tells 8000-8099:8000-8099 as 100 ports."""
    ordered = sorted(set(filter(None, found)), key=_order)
    result: t.List[Publication] = []
    for one in ordered:
        last = result[-1] if result else None
        if last and _continues(last, one):
            result[-1] = replace(last, last=one.last)
        else:
            result.append(one)
    return tuple(result)


def _order(one: Publication) -> t.Tuple[t.Any, ...]:
    return (one.protocol, ":" in one.ip, one.ip, one.mode, one.first, one.last, one.target)


def _continues(before: Publication, one: Publication) -> bool:
    """Whether a port is the next of a range, and nothing else tells them apart."""
    if "any" in (before.choice, one.choice) or not before.first or one.first != before.last + 1:
        return False
    return one == replace(before, first=one.first, last=one.last, target=before.target + one.first - before.first)
