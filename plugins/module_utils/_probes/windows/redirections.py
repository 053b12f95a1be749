# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What sends a port's traffic elsewhere on Windows: port proxies.

They hold their ports through sockets of service iphlpsvc; the record says where those lead. Windows has no netfilter,
and Docker Desktop writes its rules in a virtual machine.
Source: netsh interface portproxy dump.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import Firewall, NatRule
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.portproxy import Proxied, rules
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows.command import Command, printed

SECTIONS = ("nat", "firewall")

_DUMP = Command(("netsh", "interface", "portproxy", "dump"))
_FAMILIES = {"ipv4": "ip", "ipv6": "ip6"}


def commands(request: Request) -> t.Sequence[Command]:
    return (_DUMP,)


def probe(host: Host, request: Request, evidence: Evidence, blind: t.List[Blind]) -> t.Dict[str, t.Any]:
    """nat is left out where netsh does not tell."""
    seen: t.Dict[str, t.Any] = {"firewall": Firewall()}
    try:
        found = rules(printed(host, _DUMP))
        seen["nat"] = tuple(_record(one, position) for position, one in enumerate(found, 1))
    except Unseen as exc:
        blind.append(Blind("nat", exc.why, exc.see))
    return seen


def _record(one: Proxied, position: int) -> NatRule:
    return NatRule(
        backend="portproxy",
        family=_FAMILIES[one.family],
        table="",
        chain="",
        position=position,
        text=one.text,
        action="dnat",
        protocol="tcp",
        ip=one.ip,
        first=one.port,
        last=one.port,
        to_ip=one.to_ip,
        to_first=one.to_port,
        to_last=one.to_port,
    )
