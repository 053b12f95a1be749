# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A connection of a client has the port as its own end.

Seen as: the same texts as `process`, while `ss -l` and `lsof -iTCP -sTCP:LISTEN` show nobody. It passes by itself.
An outgoing connection was given the port from the ephemeral range, or a server that set no SO_REUSEADDR left
connections in TIME-WAIT behind; the kernel keeps the port for up to a minute.
Told apart from `process` by the state of the socket: nobody listens on the port.
Source: tcp(7); ip-sysctl, ip_local_port_range.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import Binding
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import (
    Case,
    Cause,
    Finding,
    Remedy,
    move_want,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.reserving import reserve

CAUSE = Cause(
    id="client_socket", title="A connection of a client has the port as its own end", needs=("clients",), probed=True
)


def explain(case: Case) -> t.Iterator[Finding]:
    for clash in case.clashes("client"):
        wait = Remedy("wait", "wait until the connection has ended", params={"state": clash.holder.detail})
        ports = [f"{b.first}-{b.last}" for b in clash.overlaps]
        remedies = (wait, *reserve(case, ports, "keep the kernel from handing the port to clients"), move_want(case))
        yield case.finding(CAUSE, clash, f"{clash.holder} has {clash.overlap} now", *remedies)


def blind(case: Case) -> str:
    """Connections are only looked for on ports that somebody asked for: there may be a hundred thousand of them."""
    looked = [Binding.parse(f"*:{ports}/{case.want.binding.protocol}") for ports in case.evidence.focus]
    missed = [b for b in case.opened if not any(other.covers(b) for other in looked)]
    if not missed:
        return ""
    ports = str(missed[0]).rpartition(":")[2].partition("/")[0]
    return f"connections from port {ports} were not looked for; name it in port_facts' focus, or ask port_check"
