# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What the engines of a host say is running: which address is whose, what is published, what is just starting."""

from __future__ import annotations

import ipaddress
import re
import typing as t
from dataclasses import replace

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Container, Publication
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import NatRule
from ansible_collections.dockmaster.ports.plugins.module_utils._core.undecided import Undecided

RUNNING = ("running", "paused")  # states in which a container has its addresses and ports
OTHER_ENGINES = "containers of other engines"
"""Part of what is not seen where the user named one engine of several."""

_NEEDS = ("engine", "containers", "publications", "endpoints")
_BRIDGE = re.compile(r"docker0|docker_gwbridge|br-[0-9a-f]{12}")  # names that engines give; users may give others
_JUST_NOW = 60.0  # seconds after its creation in which a container may be at its first start


class Inventory:
    """Read once a document. Raises Undecided where a container may exist that was not seen."""

    def __init__(self, evidence: Evidence) -> None:
        _check_whole(evidence)
        apart = {
            one.endpoint for one in evidence.engine or () if one.rootless
        }  # their addresses are of another network
        evidence = replace(
            evidence,
            containers=tuple(one for one in evidence.containers or () if one.engine not in apart),
            endpoints=tuple(one for one in evidence.endpoints or () if one.engine not in apart),
            publications=tuple(one for one in evidence.publications or () if one.engine not in apart),
        )
        containers = {one.id: one for one in evidence.containers or ()}
        self.names = {one.id: one.name for one in containers.values()}
        self.owners: t.Dict[str, t.Set[str]] = {}  # of an address: containers' ids; of an endpoint without one, no id
        self.bridges: t.Dict[str, t.Set[str]] = {}  # of an address
        for one in containers.values():
            for ip in one.addresses if one.state in RUNNING else ():
                self.owners.setdefault(ip, set()).add(one.id)
        for endpoint in evidence.endpoints or ():
            if endpoint.ip:
                self.owners.setdefault(endpoint.ip, set()).add(endpoint.container)
                self.bridges.setdefault(endpoint.ip, set()).add(endpoint.bridge)
        self.published = [one for one in evidence.publications or () if one.actual and one.state in RUNNING]
        starting = {one.id for one in containers.values() if _is_starting(one, evidence.taken_at)}
        self.starting = [one for one in evidence.publications or () if one.container in starting]
        self.any_starting = bool(starting)
        self._subnets = {one.subnet for one in evidence.endpoints or () if one.subnet}
        self._used = {one.bridge for one in evidence.endpoints or () if one.bridge}
        self._existing = None if evidence.kernel is None else self._used | set(evidence.kernel.bridges)
        self.has_ingress = any("ingress-sbox" in one.name for one in evidence.endpoints or ())

    def is_within(self, ip: str) -> bool:
        """Whether an address lies in a network of an engine's."""
        address = ipaddress.ip_address(ip)
        return any(address in ipaddress.ip_network(subnet, strict=False) for subnet in self._subnets)

    def is_bridge(self, name: str) -> bool:
        return bool(_BRIDGE.fullmatch(name)) or name in self._used

    def is_gone(self, name: str) -> bool:
        """Whether an interface that has the name of an engine's bridge does not exist; no where that was not seen."""
        return self._existing is not None and bool(_BRIDGE.fullmatch(name)) and name not in self._existing


def serves(one: Publication, rule: NatRule) -> bool:
    """Whether a rule does what a publication needs: the same protocol, host port and container port."""
    if one.protocol != rule.protocol:
        return False
    port = rule.to_first or rule.first
    if not one.first:  # the engine chooses the host's port
        return port == one.target
    if not one.first <= rule.first <= one.last:
        return False
    return port == (one.target if one.choice == "any" else one.target + rule.first - one.first)


def _is_starting(one: Container, taken_at: float) -> bool:
    """Engines up to 26 write a container's rules before they try its ports, so its start may be under way."""
    if one.state == "created":
        return one.created is None or abs(taken_at - one.created) < _JUST_NOW
    return one.state in ("restarting", "removing")


def _check_whole(evidence: Evidence) -> None:
    for section in _NEEDS:
        if getattr(evidence, section) is None:
            raise Undecided(evidence.unseen(section))
    for blind in evidence.blind:
        if blind.hides and blind.section in _NEEDS:
            raise Undecided(str(blind))
    engines = [one for one in evidence.engine or () if one.name == "docker" and not one.rootless]
    for one in engines:
        if one.state != "running":
            raise Undecided(f"{one.name} ({one.endpoint}) is {one.state}, and its containers were not seen; start it")
    if not any(one.pid is not None for one in engines):
        raise Undecided("no engine of this host was found that may have containers behind the rules of Docker's")
