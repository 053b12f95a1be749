# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Virtual services of the kernel's load balancer (IPVS): they take traffic for a port without a rule and a socket.

kube-proxy in its ipvs mode makes one for each node port. What Swarm makes is in namespaces of its own.
Source: /proc/net/ip_vs; Linux, net/netfilter/ipvs/ip_vs_ctl.c, ip_vs_info_seq_show().
"""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import PROTOCOLS, canonical
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import NatRule
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host

FILE = "ip_vs"

_PLACE = r"(?:(?P<v4>[0-9A-F]{8})|\[(?P<v6>[0-9a-f:]+)\]):(?P<port>[0-9A-F]{4})"
_SERVICE = re.compile(rf"(?P<protocol>\w+) +{_PLACE} (?P<scheduler>\S+)")
_SERVER = re.compile(rf" +-> {_PLACE} ")
_INTERFACE = "kube-ipvs0"  # has the addresses of kube-proxy's services


def services(host: Host, evidence: Evidence) -> t.Tuple[NatRule, ...]:
    """Raises Unseen if the kernel's list cannot be read; a kernel without IPVS has none."""
    if FILE not in host.names("/proc/net"):
        return ()
    addresses = evidence.kernel.addresses if evidence.kernel else ()
    owner = "kubernetes" if any(one.interface == _INTERFACE for one in addresses) else "other"
    return parse(host.read(f"/proc/net/{FILE}"), owner)


def parse(text: str, owner: str = "other") -> t.Tuple[NatRule, ...]:
    """Services by address and port, each with its first server. Those by firewall mark name no port."""
    found: t.List[NatRule] = []
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        service = _SERVICE.match(line)
        if service and service["protocol"].lower() in PROTOCOLS:
            server = _SERVER.match(lines[number]) if number < len(lines) else None
            found.append(_rule(service, server, len(found) + 1, owner))
    return tuple(found)


def _rule(service: t.Match[str], server: t.Optional[t.Match[str]], position: int, owner: str) -> NatRule:
    ip, port = _address(service), int(service["port"], 16)
    to_ip, to_port = (_address(server), int(server["port"], 16)) if server else ("", 0)
    return NatRule(
        backend="ipvs",
        family="ip6" if ":" in ip else "ip",
        table="ipvs",
        chain="",
        position=position,
        text=f"{service['protocol']} {f'[{ip}]' if ':' in ip else ip}:{port} {service['scheduler']}",
        action="dnat",
        protocol=service["protocol"].lower(),
        ip="" if ip in ("0.0.0.0", "::") else ip,
        first=port,
        last=port,
        to_ip=to_ip,
        to_first=to_port,
        to_last=to_port,
        hooks=("prerouting", "output"),
        owner=owner,
    )


def _address(place: t.Match[str]) -> str:
    return canonical(place["v6"]) if place["v6"] else str(ipaddress.IPv4Address(int(place["v4"], 16)))
