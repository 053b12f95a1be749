# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Who has the sockets: a process, a unit, a container on the host's network, or a program that listens for others."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import (
    ANY,
    WILDCARDS,
    Binding,
    canonical,
    wider,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.claim import Claim, Hold, Holder, binding_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.claims_on_windows import windows_process
from ansible_collections.dockmaster.ports.plugins.module_utils._core.desktop import (
    LAUNCHD,
    forwards,
    is_airplay,
    is_backend,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Container
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.units import SocketUnit
from ansible_collections.dockmaster.ports.plugins.module_utils._core.wsl import RELAYS

# and those that `desktop.py` names; dockerd.exe listens for Windows containers
FORWARDERS = ("docker-proxy", "dockerd", "dockerd.exe", "rootlesskit", "rootlessport")

Bound = t.Mapping[t.Tuple[str, int], t.Sequence[Claim]]  # what containers have, by protocol and port

_MANAGED = (".service", ".socket")


def by_port(published: t.Iterable[Claim]) -> Bound:
    index: t.Dict[t.Tuple[str, int], t.List[Claim]] = {}
    for claim in published:
        if claim.hold is Hold.BOUND:
            for port in claim.binding.ports():
                index.setdefault((claim.binding.protocol, port), []).append(claim)
    return index


def of_sockets(evidence: Evidence, published: Bound) -> t.Iterator[Claim]:
    names = {c.id: c for c in evidence.containers or ()}
    units: t.Dict[t.Tuple[str, int], t.List[SocketUnit]] = {}
    for unit in evidence.units or ():
        if unit.active:
            units.setdefault((unit.protocol, unit.port), []).append(unit)
    for one in evidence.sockets or ():
        binding = binding_of(one)
        found = served(one, binding, published)
        if found and found.binding.meet(binding):
            continue  # on behalf of a container that claims it already
        yield Claim(binding, Hold.BOUND, found.holder if found else _owner(one, evidence, names, units))


def served(one: Socket, binding: Binding, published: Bound) -> t.Optional[Claim]:
    """The container's claim that a program listens for.

    Of a port on every IPv4 address engines in virtual machines tell no more than that, while Docker Desktop's backend
    has it on [::] as well, and a relay of WSL's on [::1]. A socket of a hidden owner on the very address can be nobody
    else's: the kernel gives no port twice.
    """
    claims = published.get((one.protocol, one.port), ())
    if one.pid is None:
        return next((claim for claim in claims if claim.binding.ip == binding.ip), None)
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


def of_clients(evidence: Evidence) -> t.Iterator[Claim]:
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


def of_units(evidence: Evidence) -> t.Iterator[Claim]:
    for unit in evidence.units or ():
        if unit.enabled and not unit.active:
            yield Claim(
                _of_unit(unit), Hold.PROMISED, Holder("socket_unit", unit.unit, unit.unit, detail=unit.triggers)
            )
