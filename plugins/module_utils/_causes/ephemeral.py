# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The kernel may hand the port to a client.

Seen as: nothing most days; then, at some start, the texts of `process` with nobody listening (see `client_socket`).
The port lies within net.ipv4.ip_local_port_range and is not reserved, so any outgoing connection may be given it while
no container holds it. Windows' dynamic range starts at 49152; where something has it start at 1024, connections and
blocks of Hyper-V (see `excluded_range`) are given the ports that people publish.
Source: ip-sysctl, ip_local_port_range and ip_local_reserved_ports; netsh interface ipv4 show dynamicport.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.clashes import merged
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import (
    Case,
    Cause,
    Finding,
    Remedy,
    move_want,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import system_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.reserving import reserve

_LOW = 32768  # published ports are mostly below
_RESTORE = Remedy(
    "restore_dynamic_range", "bring back the range that Windows draws from by itself (module win_dynamic_ports)"
)

CAUSE = Cause(id="ephemeral", title="The kernel may hand the port to a client", needs=("kernel",))


def explain(case: Case) -> t.Iterator[Finding]:
    for clash in case.clashes("kernel"):
        ports = [str(b).rpartition(":")[2].partition("/")[0] for b in merged(clash.overlaps)]
        because = f"the kernel may give {clash.overlap} to any outgoing connection first"
        remedies = reserve(case, ports, "keep the kernel from handing the port to clients")
        if _draws_low(case):
            because += "; Windows draws from 49152 on by itself, and here it starts lower"
            remedies = (_RESTORE, *remedies)
        yield case.finding(CAUSE, clash, because, *remedies, move_want(case))


def _draws_low(case: Case) -> bool:
    kernel = case.evidence.kernel
    if kernel is None or system_of(case.evidence) != "Windows":
        return False
    starts = [one.first for one in kernel.drawn if one.protocol == case.want.binding.protocol]
    return min(starts, default=kernel.port_range[0]) < _LOW
