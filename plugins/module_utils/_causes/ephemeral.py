# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The kernel may hand the port to a client.

Seen as: nothing most days; then, at some start, the texts of `process` with nobody listening (see `client_socket`).
The port lies within net.ipv4.ip_local_port_range and is not reserved, so any outgoing connection may be given it while
no container holds it.
Source: ip-sysctl, ip_local_port_range and ip_local_reserved_ports.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.clashes import merged
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import (
    Case,
    Cause,
    Finding,
    move_want,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.reserving import reserve

CAUSE = Cause(id="ephemeral", title="The kernel may hand the port to a client", needs=("kernel",))


def explain(case: Case) -> t.Iterator[Finding]:
    for clash in case.clashes("kernel"):
        ports = [str(b).rpartition(":")[2].partition("/")[0] for b in merged(clash.overlaps)]
        because = f"the kernel may give {clash.overlap} to any outgoing connection first"
        remedies = reserve(case, ports, "keep the kernel from handing the port to clients")
        yield case.finding(CAUSE, clash, because, *remedies, move_want(case))
