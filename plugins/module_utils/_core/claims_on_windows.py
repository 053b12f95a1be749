# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Claims that only Windows has: its services, HTTP.sys, port proxies, and ports that it keeps back.

Process 4 is Windows' kernel. TCP ports that it listens on are HTTP.sys', which serves them to whoever registers a URL,
except those of file sharing.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import ANY, ANY_V4, ANY_V6, Binding
from ansible_collections.dockmaster.ports.plugins.module_utils._core.claim import (
    Claim,
    Hold,
    Holder,
    binding_of,
    matched_by,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence, system_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.excluded import refusing
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Kernel
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import NatRule
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.plugins.module_utils._core.wsl import RELAYS, is_relayed, needs_windows

_KERNEL = 4
_FILE_SHARING = (139, 445)
_IPS = {"ipv4": ANY_V4, "ipv6": ANY_V6}
_FORWARDER = "iphlpsvc"  # the service that port proxies live in
_Range = t.Tuple[int, ...]  # first and last port
_Given = t.Tuple[str, _Range, t.Tuple[_Range, ...]]  # an address, a range, and what is never given of it


def windows_process(one: Socket, evidence: Evidence) -> t.Optional[Holder]:
    """What Windows runs itself; None for a process of somebody else's."""
    if system_of(evidence) != "Windows":
        return None
    if one.services:
        return _service(one, evidence)
    if one.pid == _KERNEL:
        kernels = one.protocol == "udp" or one.port in _FILE_SHARING
        return Holder("http_sys", "System", title="Windows itself" if kernels else "HTTP.sys")
    return Holder("wsl_relay", one.command) if one.command.lower() in RELAYS else None


def _service(one: Socket, evidence: Evidence) -> Holder:
    """id and detail: of the port proxy that iphlpsvc has the port for."""
    name = ", ".join(one.services)
    title = f"Windows service{'s' if len(one.services) > 1 else ''} {name}"
    if _FORWARDER in one.services and one.protocol == "tcp":
        for rule in _port_proxies(evidence):
            if rule.first == one.port and rule.ip in ("", one.ip):
                return Holder("windows_service", name, rule.text, detail=_named(rule), title=title)
    return Holder("windows_service", name, title=title)


def of_port_proxies(evidence: Evidence) -> t.Iterator[Claim]:
    """Those that do not listen now: service iphlpsvc does not run, or somebody else has the port."""
    held = [binding_of(one) for one in evidence.sockets or () if _FORWARDER in one.services]
    for rule in _port_proxies(evidence):
        for binding in matched_by(rule):
            if not any(binding.meet(other) for other in held):
                yield Claim(binding, Hold.PROMISED, Holder("port_proxy", _FORWARDER, rule.text, title=_named(rule)))


def _port_proxies(evidence: Evidence) -> t.Iterator[NatRule]:
    return (rule for rule in evidence.nat or () if rule.backend == "portproxy")


def _named(rule: NatRule) -> str:
    ip = f"[{rule.to_ip}]" if ":" in rule.to_ip else rule.to_ip
    return f"a port proxy to {ip}:{rule.to_first}"


def given_to_clients(evidence: Evidence, kernel: Kernel, protocol: str) -> t.Iterator[_Given]:
    """Ports that the kernel gives to connections. Windows has them by family and protocol."""
    if system_of(evidence) != "Windows":
        yield ANY, kernel.port_range, kernel.reserved
        return
    for family, ip in _IPS.items():
        kept = [one for one in evidence.exclusions or () if (one.family, one.protocol) == (family, protocol)]
        drawn = [one for one in kernel.drawn if (one.family, one.protocol) == (family, protocol)]
        ranges: t.List[_Range] = [(one.first, one.last) for one in drawn] if kernel.drawn else [kernel.port_range]
        for whole in ranges:
            yield ip, whole, tuple((one.first, one.last) for one in kept)


def of_exclusions(evidence: Evidence) -> t.Iterator[Claim]:
    """Ports that Windows keeps back. Where it has no say, its localhost cannot lead to a port that it keeps."""
    refuses, relayed = system_of(evidence) == "Windows" or needs_windows(evidence), is_relayed(evidence)
    for one in refusing(evidence):
        binding = Binding(_IPS[one.family], one.protocol, one.first, one.last)
        name = str(one.first) if one.first == one.last else f"{one.first}-{one.last}"
        whose = "administered" if one.administered else ""
        title = f"Windows' excluded range {name}/{one.protocol}"
        holder = Holder("excluded_range", name, f"{one.protocol} {name}", detail=whose, title=title)
        if refuses:
            yield Claim(binding, Hold.EXCLUDED, holder)
        elif relayed and one.protocol == "tcp":
            yield Claim(binding, Hold.DIVERTED, holder, partial=True)
