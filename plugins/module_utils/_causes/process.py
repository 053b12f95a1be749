# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A process that nothing manages has the port.

Seen as: "Error starting userland proxy: listen tcp4 0.0.0.0:80: bind: address already in use" (up to 26; with
userland-proxy off, and from rootless engines: "listen tcp4 0.0.0.0:80: bind: address already in use"),
"failed to bind port 0.0.0.0:80/tcp: ..." (27), "failed to bind host port for 0.0.0.0:80:172.17.0.2:80/tcp: address
already in use" (28), "failed to bind host port 0.0.0.0:80/tcp: address already in use" (29).
Told apart from `unit` and `host_network` by the process's cgroup; a socket whose owner is not seen is named as such.
A socket that is bound and does not listen refuses Docker too, and `ss -l` does not show it.
On macOS a process on one address does not refuse Docker all of them: both listen, and the process gets the traffic of
its address.
Source: /proc/PID/cgroup, cgroups(7).
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
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import system_of

CAUSE = Cause(id="process", title="A process that nothing manages has the port", needs=("sockets",), probed=True)


def explain(case: Case) -> t.Iterator[Finding]:
    for clash in case.clashes("process", "hidden"):
        remedies = [move_want(case)]
        if clash.holder.kind == "process":
            remedies.append(_stop(clash.holder) if system_of(case.evidence) == "Linux" else _end(clash.holder))
        yield case.finding(CAUSE, clash, f"{clash.holder} has {clash.overlap}", *remedies)


def _end(holder: Holder) -> Remedy:
    """For people: port_holder reads Linux's processes. launchd would start a job's process again."""
    if holder.pid == 1:
        return Remedy(
            "unload_job", "unload the job that launchd listens for (launchctl bootout), or turn its service off"
        )
    if holder.detail:
        return Remedy("unload_job", f"unload launchd's job {holder.detail} (launchctl bootout)", f"{holder} ends")
    return Remedy("end_process", f"end {holder}", f"{holder} ends")


def _stop(holder: Holder) -> Remedy:
    params = {"pid": holder.pid, "started": holder.started, "command": holder.name}
    return Remedy("stop_process", f"stop {holder}", f"{holder} ends", params)
