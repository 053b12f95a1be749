# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A claim, what it is made of, and which bindings a socket and a NAT rule are about."""

from __future__ import annotations

import enum
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import (
    ANY,
    ANY_V4,
    ANY_V6,
    MAX_PORT,
    PROTOCOLS,
    Binding,
    canonical,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import NatRule
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket

# Kinds whose name or `by` is one that a want can have: a process that is called as a container is somebody else
_WANTING = ("container", "host_network", "stopped_container", "service")
# Kinds for which the process is worth naming
_PROCESSES = (
    "process", "unit", "proxy", "desktop", "airplay", "windows", "windows_service", "http_sys", "wsl_relay", "client"
)  # fmt: skip


class Hold(enum.Enum):
    """What happens to the next one who binds."""

    BOUND = "bound"  # EADDRINUSE
    EXCLUDED = "excluded"  # EACCES
    DIVERTED = "diverted"  # binds, but traffic goes elsewhere
    PROMISED = "promised"  # will be taken when something starts
    DRAWN = "drawn"  # the kernel may hand it to a client


@dataclass(frozen=True)
class Holder:
    """Whom to act on.

    kind: process, unit, socket_unit, container, host_network, stopped_container, service, proxy, endpoint, engine,
    client, nat_rule, orphan_rule, kernel, want, policy, desktop, airplay, windows, windows_service, http_sys,
    wsl_relay, port_proxy, excluded_range, or hidden (a socket whose owner is not seen).
    name: its own name (of a unit, container, command). title: what to call it in a sentence; the name where empty.
    id: what names it for good (container id, rule text). by: as `Want.by`.
    pid, started: of the process that has the socket; together they name it for good.
    """

    kind: str
    name: str
    id: str = ""
    by: str = ""
    pid: t.Optional[int] = None
    started: t.Optional[float] = None
    detail: str = ""
    title: str = ""

    def __str__(self) -> str:
        process = f" (pid {self.pid})" if self.pid is not None and self.kind in _PROCESSES else ""
        return (self.title or self.name) + process

    def is_of(self, by: str) -> bool:
        """Whether `by` is this holder: a container's name or id, or its project/service."""
        if not by or self.kind not in _WANTING:
            return False
        return by in (self.name, self.by) or (len(by) >= 12 and self.id.startswith(by))


@dataclass(frozen=True)
class Claim:
    """A binding, its hold and its holder. partial: only some of the binding's traffic is meant."""

    binding: Binding
    hold: Hold
    holder: Holder
    partial: bool = False


def binding_of(one: Socket) -> Binding:
    """A `[::]` socket takes IPv4 too unless the kernel says v6only; where it does not tell, it might."""
    ip = canonical(one.ip.partition("%")[0])
    if ip == ANY_V6 and not one.v6only:
        ip = ANY
    return Binding(ip, one.protocol, one.port, one.port)


def matched_by(rule: NatRule) -> t.Tuple[Binding, ...]:
    """What a rule catches: a rule that names no port or no protocol catches all of them."""
    ip = {"ip": ANY_V4, "ip6": ANY_V6}.get(rule.family, ANY)
    single = rule.ip and ("/" not in rule.ip or rule.ip.endswith(("/32", "/128")))
    if single:
        ip = canonical(rule.ip.partition("/")[0])
    protocols = (rule.protocol,) if rule.protocol else PROTOCOLS
    return tuple(Binding(ip, p, rule.first or 1, rule.last or rule.first or MAX_PORT) for p in protocols)
