# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Docker Desktop itself, or AirPlay Receiver of macOS, has the port.

Seen as: "Ports are not available: exposing port TCP 0.0.0.0:5000 -> 127.0.0.1:0: listen tcp 0.0.0.0:5000: bind: address
already in use"; lsof and netstat name com.docker.backend or vpnkit, or on macOS ControlCenter.
Docker Desktop's backend opens the ports of its containers on the machine that it runs on. It keeps a port that no
container publishes where it does not notice that a container has gone, and those of a container on the host's network.
Typical: AirPlay Receiver, on by default since macOS 12, has ports 5000 and 7000.
Told apart from `process` by the program's name, and from `container` by no running container publishing the port.
Source: docker/for-mac issues 205, 5611, 5649, 5667; docker/docs issue 14226; Apple, support article 108938.
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
    id="desktop_backend",
    title="Docker Desktop itself, or AirPlay Receiver of macOS, has the port",
    needs=("sockets", "publications"),
    probed=True,
)

_RESTART = Remedy("restart_desktop", "restart Docker Desktop", "all its containers, while it restarts")
_AIRPLAY = Remedy(
    "turn_off_airplay_receiver",
    "turn off AirPlay Receiver in System Settings, General, AirDrop & Handoff",
    "others can no longer play to this Mac",
)


def explain(case: Case) -> t.Iterator[Finding]:
    for clash in case.clashes("desktop"):
        because = f"{clash.holder} has {clash.overlap}, and no container publishes it"
        yield case.finding(CAUSE, clash, because, move_want(case), _RESTART)
    for clash in case.clashes("airplay"):
        yield case.finding(CAUSE, clash, f"{clash.holder}, has {clash.overlap}", move_want(case), _AIRPLAY)
