# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A docker-proxy is left that belongs to no container.

Seen as: the same texts as `process`; `ss -p` names docker-proxy.
Told apart from `container` by no running container publishing the port, and from `ghost_endpoint` by the engine having
no DNAT rule for it: the engine does not know of this proxy any more, and may start a container only once it has ended.
Source: /proc/PID/comm; GET /containers/json.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.claims import Holder
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import (
    Case,
    Cause,
    Finding,
    Remedy,
    move_want,
)

CAUSE = Cause(
    id="orphan_proxy",
    title="A docker-proxy is left that belongs to no container",
    needs=("sockets", "publications"),
    probed=True,
)


def explain(case: Case) -> t.Iterator[Finding]:
    for clash in case.clashes("proxy"):
        because = f"{clash.holder} has {clash.overlap}"
        yield case.finding(CAUSE, clash, because, move_want(case), *remedies_of(clash.holder))


def remedies_of(holder: Holder) -> t.Tuple[Remedy, ...]:
    """What lets go of the port, whoever wants it."""
    params = {"pid": holder.pid, "started": holder.started, "command": "docker-proxy"}
    stop = Remedy("stop_process", f"stop {holder}", "", params)
    return stop, Remedy("restart_engine", "restart the engine", "its containers, unless live-restore is on")
