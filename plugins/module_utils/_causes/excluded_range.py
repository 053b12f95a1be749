# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Windows keeps the port back.

Seen as: "An attempt was made to access a socket in a way forbidden by its access permissions" (WSAEACCES, 10013), in
the words of the host's language, while netstat shows nobody. Of Docker Desktop "Ports are not available: exposing port
TCP 0.0.0.0:8080 -> 127.0.0.1:0: listen tcp 0.0.0.0:8080: bind: ...". Windows containers fail with "failed during
hnsCallRawResponse: hnsCall failed in Win32: The process cannot access the file because it is being used by another
process. (0x20)". In WSL with networking mode mirrored it is "address already in use".
Typical: after a restart, when Hyper-V and WinNAT have drawn blocks of 100 ports anew; far down where the dynamic range
starts at 1024. Rows of one port are those of services.
A row with `*` (administered) was reserved by somebody for a use of his own, keeps nobody from binding, and is no cause;
Windows containers alone are refused its ports too.
Told apart from `process` by nobody listening, and by netsh interface ipv4 show excludedportrange.
Source: Windows, netsh; WSL issue 5306, docker/for-win issue 3171.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.claims import Hold
from ansible_collections.dockmaster.ports.plugins.module_utils._core.clashes import Clash, merged
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import (
    Case,
    Cause,
    Finding,
    Remedy,
    move_want,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import system_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.wsl import needs_windows

CAUSE = Cause(
    id="excluded_range",
    title="Windows keeps the port back",
    needs=("exclusions",),
    probed=True,
)

_RESTART = Remedy(
    "restart_winnat",
    "restart winnat, and hope that Hyper-V draws other blocks",
    "NAT of Windows containers, WSL and Hyper-V, while it restarts",
)


def concerns(case: Case) -> bool:
    """Linux and macOS keep no ports back. What a relay of WSL's cannot have is not the container's."""
    return system_of(case.evidence) == "Windows" or needs_windows(case.evidence)


def explain(case: Case) -> t.Iterator[Finding]:
    for clash in case.clashes("excluded_range"):
        if clash.hold is Hold.DIVERTED:
            because = f"on Windows, localhost cannot lead to {clash.overlap}, which is in {_range(clash)}"
            yield case.finding(CAUSE, clash, because, move_want(case))
        elif clash.hold is Hold.PROMISED:
            because = f"{clash.overlap} is in {_range(clash)}, which refuses it once it has let go of the port"
            yield case.finding(
                CAUSE, clash, because, move_want(case), *([_release(clash)] if clash.holder.detail else ())
            )
        elif clash.holder.detail:
            because = f"{clash.overlap} is in {_range(clash)}, and Windows containers are refused its ports"
            yield case.finding(CAUSE, clash, because, move_want(case), _release(clash))
        else:
            because = f"{clash.overlap} is in {_range(clash)}, which refuses every bind"
            yield case.finding(CAUSE, clash, because, move_want(case), *_redraw(clash))


def _range(clash: Clash) -> str:
    kind = "reserved" if clash.holder.detail else "excluded"
    return f"Windows' {kind} range {clash.holder.name}"


def _redraw(clash: Clash) -> t.Tuple[Remedy, ...]:
    """Of a block of Hyper-V's; a row of a single port is a service's, and comes back."""
    if clash.holder.name.isdigit():
        return ()
    reserve = Remedy(
        "reserve_windows_port",
        "reserve the port while winnat is stopped (module win_port_reservation, restart_winnat: if_needed)",
        _RESTART.disrupts,
        _params(clash),
    )
    return (reserve, _RESTART)


def _release(clash: Clash) -> Remedy:
    """Of the row no more than is wanted: who reserved it has a use for the rest."""
    return Remedy(
        "release_windows_port", "release the port (module win_port_reservation, state: absent)", params=_params(clash)
    )


def _params(clash: Clash) -> t.Dict[str, t.Any]:
    ports = [str(one).rpartition(":")[2].partition("/")[0] for one in merged(clash.overlaps)]
    return {"ports": ports, "protocol": clash.overlaps[0].protocol}
