# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Who writes a rule, by the names of its chain and table.

Source: engines 20.10 to 29; kube-proxy's proxier.go; CNI's portmap plugin; netavark's firewall drivers; libvirt's
network drivers.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rule_tree import Rule

_BRIDGE = re.compile(r"docker0|docker_gwbridge|br-[0-9a-f]{12}")  # what engines call bridges that nobody named
_CHAINS = (
    ("DOCKER-INGRESS", "swarm"),
    ("DOCKER", "docker"),
    ("KUBE-", "kubernetes"),
    ("CNI-", "cni"),
    ("NETAVARK", "netavark"),
    ("LIBVIRT_", "libvirt"),
    ("WSL", "wsl"),
)
_TABLES = {
    "docker-bridges": "docker",
    "kube-proxy": "kubernetes",
    "cni_hostport": "cni",
    "netavark": "netavark",
    "libvirt_network": "libvirt",
}


def owner_of(backend: str, table: str, chain: str, rule: t.Optional[Rule], bridges: t.Container[str]) -> str:
    """docker, swarm, kubernetes, cni, netavark, libvirt, wsl or other. bridges: of the engines' networks."""
    if backend == "nft" and table in _TABLES:
        return _TABLES[table]
    for start, owner in _CHAINS:
        if chain.startswith(start):
            return owner
    return "docker" if rule and table == "raw" and _is_dockers_drop(rule, bridges) else "other"


def is_dockers_bridge(name: str, bridges: t.Container[str]) -> bool:
    return bool(_BRIDGE.fullmatch(name)) or (bool(name) and name in bridges)


def _is_dockers_drop(rule: Rule, bridges: t.Container[str]) -> bool:
    """Engine 28 and later writes into raw's PREROUTING, a chain of nobody's; it alone drops in these two forms.

    To an address of a container from elsewhere than its bridge; to a port published on loopback from elsewhere.
    """
    if rule.verdict != "drop" or rule.condition or len(rule.ips) != 1 or rule.in_interface:
        return False
    if rule.not_in_interface == "lo":
        return bool(rule.ports) and rule.ips[0].startswith("127.")
    return is_dockers_bridge(rule.not_in_interface, bridges)
