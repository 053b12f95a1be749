# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A rootless engine may not have a port this low.

Seen as: "cannot expose privileged port 80, you can add 'net.ipv4.ip_unprivileged_port_start=80' to /etc/sysctl.conf
(currently 1024), or set CAP_NET_BIND_SERVICE on rootlesskit binary, or choose a larger port number (>= 1024)".
Told apart from `process` by the engine being rootless: an engine of root's may bind any port.
Source: rootlesskit, port/builtin/parent; ip-sysctl, ip_unprivileged_port_start.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import (
    Case,
    Cause,
    Finding,
    Remedy,
    move_want,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.opened import running

CAUSE = Cause(id="privileged_port", title="A rootless engine may not have a port this low", needs=("kernel", "engine"))


def explain(case: Case) -> t.Iterator[Finding]:
    start = case.evidence.kernel.unprivileged_start if case.evidence.kernel else None
    engines = running(case.evidence)
    if start is None or not engines or not all(engine.rootless for engine in engines):
        return
    low = [port for port in case.want.binding.ports() if port < start]
    if low and (case.want.choice == "all" or len(low) == len(case.want.binding.ports())):
        lower = Remedy(
            "lower_unprivileged_port",
            f"let every user of this host bind ports from {low[0]} on",
            f"any user may then listen on ports {low[0]}-{start - 1}",
            {"start": low[0]},
        )
        because = f"the engine is rootless and may bind ports from {start} on only"
        yield case.finding(CAUSE, None, because, move_want(case), lower)
