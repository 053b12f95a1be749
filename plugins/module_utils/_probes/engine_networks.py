# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Addresses that engine networks have given out.

Source: GET /containers/json (NetworkSettings), which tells those of running containers; GET /networks and
/networks/{id}, which tell all networks, and the endpoints that have no container: swarm's, and those of an engine that
lost track. Read at engines 20.10, 26.1, 28.5 and 29.7.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Container, NetworkEndpoint
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Kernel
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_calls import Caller, Gone
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_values import (
    Document,
    address,
    items,
    mapping,
    number,
    text,
    visible,
)

_NAME = "com.docker.network.bridge.name"
_FAMILIES = (("IPAddress", "IPPrefixLen", "Gateway"), ("GlobalIPv6Address", "GlobalIPv6PrefixLen", "IPv6Gateway"))
_ID = re.compile(r"[0-9a-z]{20,64}")  # 64 hexadecimal digits, or swarm's 25 letters and digits
_NO_ADDRESSES = ("host", "null")  # drivers


def of_container(entry: Document, of: Container, kernel: t.Optional[Kernel]) -> t.Iterator[NetworkEndpoint]:
    """A running container's, as the list of containers and its inspect tell.

    kernel: of the host that the network's bridge is on; the bridge is the one that has the gateway's address.
    """
    for name, network in mapping(entry, "NetworkSettings", "Networks").items():
        for ip, prefix, gateway in _FAMILIES:
            if address(network, ip):
                yield NetworkEndpoint(
                    network=visible(name),
                    bridge=_interface(address(network, gateway), kernel),
                    subnet=_subnet(address(network, ip), number(network, prefix)),
                    container=of.id,
                    name=of.name,
                    ip=address(network, ip),
                    engine=of.engine,
                )


def of_networks(caller: Caller, containers: t.Container[str]) -> t.Iterator[NetworkEndpoint]:
    """Every network of an engine, and who is in it: one call, and one more a network.

    containers: ids of those there are; an endpoint of another has none. Raises Unseen.
    """
    for network in caller.list("/networks"):
        if text(network, "Driver") not in _NO_ADDRESSES and _ID.fullmatch(text(network, "Id")):
            yield from _subnets(network, caller.engine.endpoint)
            try:
                detail = caller.mapping(f"/networks/{text(network, 'Id')}")
            except Gone:
                continue
            yield from _members(detail, containers, caller.engine.endpoint)


def _subnets(network: Document, engine: str) -> t.Iterator[NetworkEndpoint]:
    for config in items(network, "IPAM", "Config"):
        yield NetworkEndpoint(text(network, "Name"), _bridge(network), text(config, "Subnet"), engine=engine)


def _members(network: Document, containers: t.Container[str], engine: str) -> t.Iterator[NetworkEndpoint]:
    """The keys are ids of containers, or words for endpoints that have none: ingress-sbox, ep-..."""
    for key, member in mapping(network, "Containers").items():
        for family in ("IPv4Address", "IPv6Address"):
            ip, _slash, prefix = text(member, family).partition("/")
            if ip and prefix.isdigit() and address({"ip": ip}, "ip"):
                yield NetworkEndpoint(
                    network=text(network, "Name"),
                    bridge=_bridge(network),
                    subnet=_subnet(ip, int(prefix)),
                    container=key if key in containers else "",
                    name=text(member, "Name"),
                    ip=address({"ip": ip}, "ip"),
                    engine=engine,
                )


def _bridge(network: Document) -> str:
    """The name that engines give a bridge that nobody named: moby, bridge_linux.go."""
    if text(network, "Driver") != "bridge":
        return ""
    return text(network, "Options", _NAME) or f"br-{text(network, 'Id')[:12]}"


def _interface(gateway: str, kernel: t.Optional[Kernel]) -> str:
    if not gateway or kernel is None:
        return ""
    return next((one.interface for one in kernel.addresses if one.ip == gateway), "")


def _subnet(ip: str, prefix: t.Optional[int]) -> str:
    try:
        return str(ipaddress.ip_interface(f"{ip}/{prefix}").network)
    except ValueError:
        return ""
