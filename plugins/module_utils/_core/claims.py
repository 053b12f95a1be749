# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Who holds what. Derived from all sections together: only together they show it.

A docker-proxy's socket and the container's publication are one claim; whether `[::]` also takes IPv4 depends on the
socket; a DNAT rule holds nothing but takes the traffic.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace
from ipaddress import ip_address

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import (
    ANY,
    MAX_PORT,
    PROTOCOLS,
    WILDCARDS,
    Binding,
    canonical,
    wider,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.claim import (
    Claim,
    Hold,
    Holder,
    binding_of,
    matched_by,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.claims_on_windows import (
    given_to_clients,
    of_exclusions,
    of_port_proxies,
    windows_process,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.desktop import (
    LAUNCHD,
    forwards,
    is_airplay,
    is_backend,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.orphans import foreign, orphans
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Container, Publication
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import NatRule
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.units import SocketUnit
from ansible_collections.dockmaster.ports.plugins.module_utils._core.undecided import Undecided
from ansible_collections.dockmaster.ports.plugins.module_utils._core.wsl import (
    RELAYS,
    binds_on_windows,
    is_relayed,
    needs_windows,
)

__all__ = ["FORWARDERS", "RUNNING", "Claim", "Hold", "Holder", "claims_of", "matched_by"]

RUNNING = ("running", "paused")  # states in which a container has its ports; see the facts on restarting ones
FORWARDERS = ("docker-proxy", "dockerd", "rootlesskit", "rootlessport")  # and those that `desktop.py` names
_MANAGED = (".service", ".socket")
_Bound = t.Mapping[t.Tuple[str, int], t.Sequence[Claim]]  # what containers have, by protocol and port


def claims_of(evidence: Evidence) -> t.Tuple[Claim, ...]:
    """Every claim that the sections show. Sections that were not seen show none."""
    published = tuple(_of_publications(evidence))
    bound = _by_port(published)
    held = tuple(_of_sockets(evidence, bound))
    return (
        *published,
        *held,
        *_of_clients(evidence),
        *_of_units(evidence),
        *_of_windows(evidence, bound),
        *_of_rules(evidence),
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


def _by_port(published: t.Iterable[Claim]) -> _Bound:
    index: t.Dict[t.Tuple[str, int], t.List[Claim]] = {}
    for claim in published:
        if claim.hold is Hold.BOUND:
            for port in claim.binding.ports():
                index.setdefault((claim.binding.protocol, port), []).append(claim)
    return index


def _of_sockets(evidence: Evidence, published: _Bound) -> t.Iterator[Claim]:
    names = {c.id: c for c in evidence.containers or ()}
    units: t.Dict[t.Tuple[str, int], t.List[SocketUnit]] = {}
    for unit in evidence.units or ():
        if unit.active:
            units.setdefault((unit.protocol, unit.port), []).append(unit)
    for one in evidence.sockets or ():
        binding = binding_of(one)
        served = _served(one, binding, published)
        if served and served.binding.meet(binding):
            continue  # on behalf of a container that claims it already
        yield Claim(binding, Hold.BOUND, served.holder if served else _owner(one, evidence, names, units))


def _served(one: Socket, binding: Binding, published: _Bound) -> t.Optional[Claim]:
    """The container's claim that a program listens for.

    Of a port on every IPv4 address engines in virtual machines tell no more than that, while Docker Desktop's backend
    has it on [::] as well, and a relay of WSL's on [::1].
    """
    claims = published.get((one.protocol, one.port), ())
    elsewhere = forwards(one.command) or one.command.lower() in RELAYS
    if not elsewhere and one.command not in FORWARDERS:
        return None
    met = (claim for claim in claims if claim.binding.meet(binding))
    wide = (claim for claim in claims if elsewhere and claim.binding.ip in WILDCARDS)
    return next(met, None) or next(wide, None)


def _owner(
    one: Socket,
    evidence: Evidence,
    names: t.Mapping[str, Container],
    units: t.Mapping[t.Tuple[str, int], t.Sequence[SocketUnit]],
) -> Holder:
    if one.pid is None:
        return _hidden(one, evidence)
    unit = _listening(one, units.get((one.protocol, one.port), ())) if one.pid == 1 else None
    if one.container:
        holder = _in_container(one, names.get(one.container))
    elif unit:
        holder = Holder("socket_unit", unit.unit, unit.unit, detail=unit.triggers)
    elif one.unit.endswith(_MANAGED) and not one.unit.startswith("user@"):
        holder = Holder("unit", one.unit, one.unit, detail=one.command)
    else:
        holder = _process(one, evidence)
    return replace(_engines_own(one, evidence) or holder, pid=one.pid, started=one.started)


def _listening(one: Socket, units: t.Sequence[SocketUnit]) -> t.Optional[SocketUnit]:
    """The unit whose address a socket of systemd's has; else any unit of its port."""
    met = (unit for unit in units if _of_unit(unit).meet(binding_of(one)))
    return next(met, units[0] if units else None)


def _of_unit(unit: SocketUnit) -> Binding:
    return Binding(canonical(unit.ip) if unit.ip else ANY, unit.protocol, unit.port, unit.port)


def _process(one: Socket, evidence: Evidence) -> Holder:
    """A process that no unit and no container has."""
    of_windows = windows_process(one, evidence)
    if of_windows:
        return of_windows
    if is_backend(one.command):
        return Holder("desktop", one.command, title=f"Docker Desktop's {one.command}")
    if is_airplay(one):
        return Holder("airplay", one.command, title=f"AirPlay Receiver, of {one.command}")
    if (one.pid, one.command) == (1, LAUNCHD):
        return Holder("process", LAUNCHD, detail=LAUNCHD, title="launchd, on behalf of a job,")
    whose = f"{one.command} of launchd's job {one.label}" if one.label else one.command
    return Holder("process", one.command, detail=one.label, title=whose or "a process")


def _in_container(one: Socket, known: t.Optional[Container]) -> Holder:
    name = known.name if known else one.container[:12]
    by = f"{known.project}/{known.service}" if known and known.project else name
    return Holder("host_network", name, one.container, by, detail=one.command, title=f"container {name}")


def _hidden(one: Socket, evidence: Evidence) -> Holder:
    seen = not any(b.section == "sockets" and "owner" in b.part for b in evidence.blind)
    if seen:  # the kernel's own (NFS, WireGuard, ...), or a process of another PID namespace
        return Holder("hidden", "", title="a socket of no process on this host")
    who = "a process" if one.uid is None else f"a process of uid {one.uid}"
    return Holder("hidden", "", title=f"{who} that this user may not see")


def _all_containers_seen(evidence: Evidence) -> bool:
    hidden = any(blind.section in ("containers", "publications") and blind.hides for blind in evidence.blind)
    return evidence.publications is not None and not hidden


def _engines_own(one: Socket, evidence: Evidence) -> t.Optional[Holder]:
    """What a program of the engine's has for no running container; None for other programs, and for dockerd itself.

    With a DNAT rule of the engine's for the port it is a ghost endpoint, without one a docker-proxy that was left.
    With a rule of swarm's it is an ingress port: which service's, only a manager tells.
    """
    is_proxy = one.command == "docker-proxy" and not one.container
    if not is_proxy and one.command != "dockerd":
        return None
    if not _all_containers_seen(evidence):
        return Holder("hidden", one.command, title=f"{one.command}, perhaps for a container that was not seen,")
    for rule in evidence.nat or ():
        same = rule.action == "dnat" and rule.protocol == one.protocol and rule.first <= one.port <= rule.last
        if same and rule.owner == "swarm" and not is_proxy:
            return Holder("service", "", title="a swarm service")
        if same and rule.owner == "docker" and rule.ip in ("", one.ip):
            ip = f"[{rule.to_ip}]" if ":" in rule.to_ip else rule.to_ip
            to = f"{ip}:{rule.to_first}"
            return Holder("endpoint", rule.to_ip, to, detail=to, title="an endpoint of the engine without a container")
    return Holder("proxy", "docker-proxy", title="docker-proxy without a container") if is_proxy else None


def _of_clients(evidence: Evidence) -> t.Iterator[Claim]:
    """Connections that no listener accepted. An accepted one is its listener's, and that claims its address too."""
    ports = {(one.protocol, one.port) for one in evidence.clients or ()}
    listeners = {binding_of(one) for one in evidence.sockets or () if (one.protocol, one.port) in ports}
    for one in evidence.clients or ():
        binding = Binding(canonical(one.ip.partition("%")[0]), one.protocol, one.port, one.port)
        if any(binding.at(ip) in listeners for ip in wider(binding.ip)):
            continue
        whose = f"{one.command}'s connection" if one.command else "a connection"
        name = f"{whose} in {one.state.replace('_', '-').upper()}"
        holder = Holder("client", one.command, "", "", one.pid, one.started, one.state, name)
        yield Claim(binding, Hold.BOUND, holder)


def _of_windows(evidence: Evidence, published: _Bound) -> t.Iterator[Claim]:
    """Sockets of the Windows that a WSL distribution runs on.

    Where Windows has no say, one that its localhost leads to keeps the relay from taking the same port there.
    """
    refuses, relayed, desktop = needs_windows(evidence), is_relayed(evidence), binds_on_windows(evidence)
    for one in evidence.windows_sockets or ():
        binding = Binding(canonical(one.ip), one.protocol, one.port, one.port)
        served = _served(one, binding, published) if desktop else None
        own = one.command.lower() in RELAYS and not desktop  # to Docker Desktop a relay is one like others
        if own or (served and served.binding.meet(binding)):
            continue
        who = ", ".join(one.services) or one.command or "a process"
        holder = Holder("windows", who, detail=one.command, pid=one.pid, title=f"{who} of Windows")
        holder = served.holder if served else holder
        if refuses:
            yield Claim(binding, Hold.BOUND, holder)
        elif relayed and one.protocol == "tcp" and (one.ip in WILDCARDS or ip_address(one.ip).is_loopback):
            yield Claim(binding.at(ANY), Hold.DIVERTED, holder, partial=True)


def _of_units(evidence: Evidence) -> t.Iterator[Claim]:
    for unit in evidence.units or ():
        if unit.enabled and not unit.active:
            yield Claim(
                _of_unit(unit), Hold.PROMISED, Holder("socket_unit", unit.unit, unit.unit, detail=unit.triggers)
            )


def _of_rules(evidence: Evidence) -> t.Iterator[Claim]:
    """Rules that send a port's traffic where no container of the engine's gets it."""
    for rule in evidence.nat or ():
        if rule.action in ("dnat", "redirect") and rule.hooks and rule.owner not in ("docker", "swarm"):
            yield from _diverted(rule, "nat_rule", _others(rule))
    try:
        left, written = orphans(evidence), foreign(evidence)
    except Undecided:  # whoever judges NAT rules says so
        return
    for rule in written:
        if not rule.hooks:
            continue
        yield from _diverted(rule, "nat_rule", f"a NAT rule that somebody put into chain {rule.chain}")
    dead = {id(orphan.rule) for orphan in left}
    for orphan in left:
        rule = orphan.rule
        if rule.action == "dnat" and rule.hooks and (orphan.shadows or not _is_behind(rule, evidence, dead)):
            yield from _diverted(rule, "orphan_rule", "an orphaned DNAT rule", orphan.why)


def _is_behind(rule: NatRule, evidence: Evidence, dead: t.Set[int]) -> bool:
    """Whether a rule that is alive gets the traffic first."""
    return any(
        (one.backend, one.family, one.table, one.chain) == (rule.backend, rule.family, rule.table, rule.chain)
        and id(one) not in dead
        and one.action == "dnat"
        and one.position < rule.position
        and one.protocol == rule.protocol
        and one.first <= rule.first
        and rule.last <= one.last
        for one in evidence.nat or ()
    )


def _others(rule: NatRule) -> str:
    return "a NAT rule" if rule.owner == "other" else f"a NAT rule of {rule.owner}'s"


def _diverted(rule: NatRule, kind: str, name: str, why: str = "") -> t.Iterator[Claim]:
    where = f"{rule.backend} {rule.family} {rule.table} {rule.chain}"
    port = f":{rule.to_first}" if rule.to_first else ""
    ip = f"[{rule.to_ip}]" if ":" in rule.to_ip else rule.to_ip
    to = f"{ip}{port}" if ip else f"port {rule.to_first} of this host" if port else "this host"
    some = bool(rule.condition or rule.in_interface)
    traffic = "some of its traffic" if some else "its traffic"
    title = f"{name} sends {traffic} to {to}" + (f" ({why})" if why else f" ({where})")
    for binding in matched_by(rule):
        yield Claim(binding, Hold.DIVERTED, Holder(kind, rule.owner, rule.text, detail=where, title=title), some)


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
