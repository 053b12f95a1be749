# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The host does not have the address.

Seen as: "... cannot assign requested address"; for an IPv6 address on a host without IPv6 "address family not
supported by protocol".
Typical: the address comes later (DHCP, VPN, keepalived) or has moved to another host. net.ipv4.ip_nonlocal_bind=1 lets
the bind pass, and nothing arrives. On macOS loopback has only the addresses that it was given, and 127.0.0.2 is none.
Where nobody names an address, containers on the default bridge are published on the engine's own (daemon.json, ip).
Source: ip(7), EADDRNOTAVAIL; RTM_GETADDR.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import ANY, WILDCARDS
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import (
    Case,
    Cause,
    Finding,
    Remedy,
    Verdict,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence, system_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.opened import running
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Kernel

CAUSE = Cause(id="address_absent", title="The host does not have the address", needs=("kernel",))


def concerns(case: Case) -> bool:
    """A wildcard is every address that the host has."""
    return case.want.binding.ip not in WILDCARDS or bool(_defaults(case))


def explain(case: Case) -> t.Iterator[Finding]:
    ip = case.want.binding.ip
    kernel = case.evidence.kernel
    if ip in WILDCARDS or kernel is None or _is_here(ip, kernel, case.evidence):
        return
    forced = kernel.nonlocal_bind6 if ":" in ip else kernel.nonlocal_bind
    verdict = Verdict.DIVERTED if forced else Verdict.BLOCKED
    fix = Remedy("fix_address", f"publish without an address, or give the host {ip}", params={"address": ip})
    yield case.finding(CAUSE, None, f"this host does not have the address {ip}", fix, consequence=verdict)


def blind(case: Case) -> str:
    """Which network the container will be on is in no published port."""
    kernel = case.evidence.kernel
    absent = [ip for ip in _defaults(case) if kernel and not _is_here(ip, kernel, case.evidence)]
    if not absent or case.met.own:
        return ""
    where = f"this host does not have {absent[0]}, where the engine publishes what its default bridge has"
    return f"{where}; publish on an address, or correct ip in daemon.json"


def _defaults(case: Case) -> t.List[str]:
    """Addresses that engines take where the want names none."""
    ips = [engine.default_ip for engine in running(case.evidence) if case.want.binding.ip == ANY]
    return [ip for ip in ips if ip not in ("", *WILDCARDS)]


def _is_here(ip: str, kernel: Kernel, evidence: Evidence) -> bool:
    return _is_loopback(ip, system_of(evidence)) or any(a.ip == ip for a in kernel.addresses)


def _is_loopback(ip: str, system: str) -> bool:
    """All of 127.0.0.0/8 can be bound where lo is up, but on macOS; ::1 is listed like any other address."""
    return ip.startswith("127.") and system != "Darwin"
