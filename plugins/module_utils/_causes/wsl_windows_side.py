# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The Windows that a WSL distribution runs on has the port.

Seen as: with networking mode mirrored "address already in use" in Linux, while `ss` shows nobody: WSL asks Windows for
each port that Linux binds, and whatever Windows says (a listener, an excluded range, its dynamic range) comes back as
EADDRINUSE. With Docker Desktop "Ports are not available: ... Only one usage of each socket address (protocol/network
address/port) is normally permitted". With mode nat nothing at all: the container starts, and on Windows localhost leads
to the program that has the port there.
Ports that .wslconfig names in ignoredPorts are not asked for, and bind in Linux whatever Windows has.
Told apart from `process` by the listener being one of Windows', and from `excluded_range` by somebody listening.
Source: WSL, src/linux/init/GnsPortTracker.cpp, src/windows/wslrelay/localhost.cpp; WSL issues 10494, 12703, 40984.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.claims import Hold
from ansible_collections.dockmaster.ports.plugins.module_utils._core.clashes import Clash
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import (
    Case,
    Cause,
    Finding,
    Remedy,
    move_want,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.wsl import (
    asks_windows,
    binds_on_windows,
    needs_windows,
)

CAUSE = Cause(
    id="wsl_windows_side",
    title="The Windows that a WSL distribution runs on has the port",
    needs=("platform", "engine"),
)

_STOP = Remedy("stop_on_windows", "stop it on Windows, or gather the Windows host itself and remediate there")
_IGNORE = Remedy(
    "ignore_port",
    "name the port in ignoredPorts under [experimental] in .wslconfig on Windows, and run `wsl --shutdown` there",
    "every distribution of this Windows, while WSL restarts",
)
_PORT_PROXIES = "iphlpsvc"  # the service that has their ports
_KEPT = "a program, an excluded range or the dynamic range there has it, and nobody on Linux"


def concerns(case: Case) -> bool:
    """A kernel that was asked has asked Windows, unless it is Docker Desktop that binds."""
    asked = case.settled() and not binds_on_windows(case.evidence)
    return needs_windows(case.evidence) and not asked


def blind(case: Case) -> str:
    return case.evidence.unseen("windows_sockets")


def explain(case: Case) -> t.Iterator[Finding]:
    for clash in case.clashes("windows"):
        if clash.hold is Hold.DIVERTED:
            yield case.finding(CAUSE, clash, _led_away(clash), move_want(case), _STOP)
        else:
            yield case.finding(CAUSE, clash, f"{clash.holder} has {clash.overlap}", move_want(case), _STOP)
    if _is_refused_by_windows(case):
        refused = case.refusals()[0]
        because = f"Windows does not give {case.want.binding.at(refused.ip)} (networking mode mirrored): {_KEPT}"
        yield case.finding(CAUSE, None, because, move_want(case), _IGNORE)


def _led_away(clash: Clash) -> str:
    """People make port proxies to get from the network into WSL, so one may well lead here."""
    if _PORT_PROXIES in clash.holder.name:
        return f"on Windows, a port proxy has {clash.overlap}: `netsh interface portproxy show all` says where it leads"
    return f"on Windows, localhost leads to {clash.holder} for {clash.overlap}"


def _is_refused_by_windows(case: Case) -> bool:
    """Linux refuses, and nothing that was seen on either side says why."""
    refused = [one for one in case.refusals() if one.error == "EADDRINUSE"]
    held = any(clash.hold in (Hold.BOUND, Hold.EXCLUDED) for clash in case.met.clashes)
    return bool(refused) and not held and asks_windows(case.evidence)
