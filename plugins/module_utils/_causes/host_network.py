# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A container on the host's network listens on the port.

Seen as: the same texts as `process`: to the engine it is a process of the host.
Its published ports are ignored by the engine; what it listens on is the application's own choice.
Told apart from `container` by the socket belonging to a process in the container's cgroup, and not to a forwarder.
Source: /proc/PID/cgroup; GET /containers/json, HostConfig.NetworkMode.
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

CAUSE = Cause(
    id="host_network", title="A container on the host's network listens on the port", needs=("sockets",), probed=True
)


def explain(case: Case) -> t.Iterator[Finding]:
    for clash in case.clashes("host_network"):
        stop = Remedy(
            "stop_container",
            f"stop {clash.holder}",
            f"{clash.holder} stops",
            {"container": clash.holder.id, "name": clash.holder.name},
        )
        because = f"{clash.holder}, which is on the host's network, listens on {clash.overlap}"
        yield case.finding(CAUSE, clash, because, move_want(case), stop)
