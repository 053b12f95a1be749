# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What must be so before the stub is turned off or on, and what must still be so afterwards."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host
from ansible_collections.dockmaster.ports.plugins.module_utils._resolved.dns import Ask, answering, resolves
from ansible_collections.dockmaster.ports.plugins.module_utils._resolved.plan import Plan, Refused
from ansible_collections.dockmaster.ports.plugins.module_utils._resolved.state import (
    RESOLV_CONF,
    STUB,
    State,
    servers_of,
)


class Before(t.NamedTuple):
    """Names that resolve now, and so must afterwards; and how that is found out."""

    names: t.Tuple[str, ...]
    ask: Ask


def look_before(state: State, todo: Plan, names: t.Sequence[str], ask: Ask) -> Before:
    """Raises Refused where the servers that are to be asked directly do not answer."""
    if not todo.link or todo.back:
        return Before((), ask)
    if not answering(state.servers, ask):
        raise Refused(
            f"none of the DNS servers answers ({', '.join(state.servers)}): without the stub nothing would be resolved"
        )
    now = tuple(name for name in names if resolves((STUB,), name, ask))
    lost = [name for name in now if not resolves(state.servers, name, ask)]
    if lost:
        raise Refused(
            f"{', '.join(lost)}: the stub resolves it, and {', '.join(state.servers)} do not: split DNS, as of a VPN"
        )
    return Before(now, ask)


def look_after(host: Host, todo: Plan, before: Before) -> None:
    """Raises Refused, Unseen."""
    if not todo.link:
        return
    servers = servers_of(host.read(RESOLV_CONF))
    if not answering(servers, before.ask):
        raise Refused(f"{RESOLV_CONF} now names {', '.join(servers)}, and none of them answers")
    lost = [name for name in before.names if not resolves(servers, name, before.ask)]
    if lost:
        raise Refused(f"{', '.join(lost)} can no longer be resolved")


def bindable(host: Host, state: State) -> str:
    """Why the stub could not have its port back; empty if it could."""
    if state.listens:
        return ""
    for protocol in ("udp", "tcp"):
        tried = host.bind(STUB, protocol, 53, reuse_address=False)
        if tried.error:
            return f"{STUB}:53/{protocol} is taken ({tried.error}): stop what publishes port 53 on every address first"
    return ""
