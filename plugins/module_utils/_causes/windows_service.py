# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A Windows service, or Windows itself, has the port.

Seen as: "Only one usage of each socket address (protocol/network address/port) is normally permitted" (WSAEADDRINUSE,
10048), in the words of the host's language; of Docker Desktop "Ports are not available: exposing port TCP 0.0.0.0:80 ->
127.0.0.1:0: listen tcp 0.0.0.0:80: bind: ...".
Typical: HTTP.sys (IIS, WinRM on 5985, SQL Server's reports) as process 4 on port 80; svchost.exe, which hosts dozens of
services, is named by those of that very process; iphlpsvc listens for `netsh interface portproxy`. A port proxy that
does not listen now will, when iphlpsvc starts. wslrelay.exe listens for programs in WSL distributions.
Told apart from `process` by the service manager: stopping the bare process would not last.
Source: netstat -ano; tasklist /SVC; netsh interface portproxy dump; netsh http show servicestate.
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

CAUSE = Cause(
    id="windows_service",
    title="A Windows service, or Windows itself, has the port",
    needs=("sockets",),
    probed=True,
)

_WHO = "`netsh http show servicestate` names whom it serves"


def concerns(case: Case) -> bool:
    return system_of(case.evidence) == "Windows"


def explain(case: Case) -> t.Iterator[Finding]:
    for clash in case.clashes("windows_service"):
        purpose = f", for {clash.holder.detail}" if clash.holder.detail else ""
        because = f"{clash.holder} has {clash.overlap}{purpose}"
        yield case.finding(CAUSE, clash, because, move_want(case), _end(clash.holder))
    for clash in case.clashes("http_sys"):
        who = f" ({_WHO})" if clash.holder.title == "HTTP.sys" else ""
        yield case.finding(CAUSE, clash, f"{clash.holder} has {clash.overlap}{who}", move_want(case))
    for clash in case.clashes("wsl_relay"):
        because = f"{clash.holder} has {clash.overlap} for a listener in a WSL distribution"
        yield case.finding(CAUSE, clash, because, move_want(case))
    for clash in case.clashes("port_proxy"):
        because = f"{clash.holder} takes {clash.overlap} when service {clash.holder.name} starts"
        yield case.finding(CAUSE, clash, because, move_want(case), _remove_proxy(clash.holder))


def _end(holder: Holder) -> Remedy:
    if holder.id:
        return _remove_proxy(holder)
    summary = f"stop and disable Windows service {holder.name}"
    return Remedy("stop_windows_service", summary, f"{holder.name} stops", {"services": holder.name.split(", ")})


def _remove_proxy(holder: Holder) -> Remedy:
    """holder.id is the command that made it."""
    _add, kind, *words = holder.id.split()
    listens = " ".join(word for word in words if word.startswith("listen"))
    command = f"netsh interface portproxy delete {kind} {listens}"
    return Remedy("remove_port_proxy", f"remove the port proxy: {command}", "who connects by it", {"command": command})
