# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Who holds what. Derived from all sections together: only together they show it.

A docker-proxy's socket and the container's publication are one claim; whether `[::]` also takes IPv4 depends on the
socket; a DNAT rule holds nothing but takes the traffic.
"""

from __future__ import annotations

import typing as t
from ipaddress import ip_address

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import (
    ANY,
    MAX_PORT,
    PROTOCOLS,
    WILDCARDS,
    Binding,
    canonical,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.claim import (
    Claim,
    Hold,
    Holder,
    binding_of,
    matched_by,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.claims_of_rules import of_rules
from ansible_collections.dockmaster.ports.plugins.module_utils._core.claims_of_sockets import (
    Bound,
    by_port,
    of_clients,
    of_sockets,
    of_units,
    served,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.claims_on_windows import (
    given_to_clients,
    of_exclusions,
    of_port_proxies,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Publication
from ansible_collections.dockmaster.ports.plugins.module_utils._core.wsl import (
    RELAYS,
    binds_on_windows,
    is_relayed,
    needs_windows,
)

__all__ = ["RUNNING", "Claim", "Hold", "Holder", "claims_of", "matched_by"]

RUNNING = ("running", "paused")  # states in which a container has its ports; see the facts on restarting ones


def claims_of(evidence: Evidence) -> t.Tuple[Claim, ...]:
    """Every claim that the sections show. Sections that were not seen show none."""
    published = tuple(_of_publications(evidence))
    bound = by_port(published)
    held = tuple(of_sockets(evidence, bound))
    return (
        *published,
        *held,
        *of_clients(evidence),
        *of_units(evidence),
        *_of_windows(evidence, bound),
        *of_rules(evidence),
        *of_port_proxies(evidence),
        *_of_the_kernel(evidence),
        *of_exclusions(evidence),
    )


def _of_publications(evidence: Evidence) -> t.Iterator[Claim]:
    held = {binding_of(one) for one in evidence.sockets or ()}
    for one in evidence.publications or ():
        if not one.first:
            continue
        binding = Binding(canonical(one.ip) if one.ip else ANY, one.protocol, one.first, one.last)
        if one.kind == "service":
            yield _of_service(one, binding, evidence)
        elif one.state in RUNNING:
            if one.actual and _has_a_socket(evidence, one, binding, held):
                yield Claim(binding, Hold.BOUND, _container(one, "container"))
        else:
            yield Claim(binding, Hold.PROMISED, _container(one, "stopped_container"))


def _of_service(one: Publication, binding: Binding, evidence: Evidence) -> Claim:
    """An ingress port is a DNAT rule on every node; that the engine's own listener failed is only logged."""
    listening = any(s.command == "dockerd" and binding.meet(binding_of(s)) for s in evidence.sockets or ())
    ingress = Hold.BOUND if listening else Hold.DIVERTED
    hold = Hold.PROMISED if one.mode == "host" else ingress
    return Claim(binding, hold, Holder("service", one.name, one.container, one.by, title=f"swarm service {one.name}"))


def _has_a_socket(evidence: Evidence, one: Publication, binding: Binding, held: t.Set[Binding]) -> bool:
    """Without the userland proxy an engine lists `[::]` for an IPv4-only container and binds nothing there."""
    proxy_off = any(e.endpoint == one.engine and e.userland_proxy is False for e in evidence.engine or ())
    if not proxy_off or ":" not in binding.ip or evidence.sockets is None:
        return True
    return any(binding.meet(other) for other in held)


def _container(one: Publication, kind: str) -> Holder:
    word = "container" if kind == "container" else f"{one.state} container"
    return Holder(kind, one.name, one.container, one.by, detail=one.state, title=f"{word} {one.name}")


def _of_windows(evidence: Evidence, published: Bound) -> t.Iterator[Claim]:
    """Sockets of the Windows that a WSL distribution runs on.

    Where Windows has no say, one that its localhost leads to keeps the relay from taking the same port there.
    """
    refuses, relayed, desktop = needs_windows(evidence), is_relayed(evidence), binds_on_windows(evidence)
    for one in evidence.windows_sockets or ():
        binding = Binding(canonical(one.ip), one.protocol, one.port, one.port)
        container = served(one, binding, published) if desktop else None
        own = one.command.lower() in RELAYS and not desktop  # to Docker Desktop a relay is one like others
        if own or (container and container.binding.meet(binding)):
            continue
        who = ", ".join(one.services) or one.command or "a process"
        holder = Holder("windows", who, detail=one.command, pid=one.pid, title=f"{who} of Windows")
        holder = container.holder if container else holder
        if refuses:
            yield Claim(binding, Hold.BOUND, holder)
        elif relayed and one.protocol == "tcp" and (one.ip in WILDCARDS or ip_address(one.ip).is_loopback):
            yield Claim(binding.at(ANY), Hold.DIVERTED, holder, partial=True)


def _of_the_kernel(evidence: Evidence) -> t.Iterator[Claim]:
    if evidence.kernel is None or len(evidence.kernel.port_range) != 2:
        return
    holder = Holder("kernel", "kernel", title="the kernel")
    for protocol in PROTOCOLS:
        for ip, whole, holes in given_to_clients(evidence, evidence.kernel, protocol):
            for first, last in _without(whole, holes):
                yield Claim(Binding(ip, protocol, first, last), Hold.DRAWN, holder)


def _without(whole: t.Tuple[int, ...], holes: t.Iterable[t.Tuple[int, ...]]) -> t.Iterator[t.Tuple[int, int]]:
    """What is left of a range of ports."""
    first, last = max(1, whole[0]), min(whole[1], MAX_PORT)
    for low, high in sorted((hole[0], hole[-1]) for hole in holes):
        if high < first:
            continue
        if low > last:
            break
        if low > first:
            yield first, low - 1
        first = high + 1
    if first <= last:
        yield first, last
