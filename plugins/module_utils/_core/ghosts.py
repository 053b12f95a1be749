# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Where an endpoint that has no container is recorded: in a network, which can cut it off, or out of reach.

Source: GET /networks/{id}, compared with what engine 20.10 does with each record that it finds when it starts.
"""

from __future__ import annotations

import ipaddress

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence

_PREDEFINED = "bridge"


def is_listed(evidence: Evidence, ip: str) -> bool:
    """Whether a network lists an endpoint without a container at an address; a container may have the same by now."""
    return any(one.ip == ip and not one.container for one in evidence.endpoints or ())


def network_of(evidence: Evidence, ip: str) -> str:
    """The network of an address; empty where the networks were not all asked for."""
    asked = [one for one in evidence.endpoints or () if one.subnet and not one.ip]
    address = ipaddress.ip_address(ip)
    return next((one.network for one in asked if address in ipaddress.ip_network(one.subnet, strict=False)), "")


def anew(network: str) -> str:
    """What rids a network of a record that only its driver has."""
    if network == _PREDEFINED:
        return "stop the engine, move its network/files/local-kv.db away, and make its other networks anew"
    return f"remove network {network} and make it anew"
