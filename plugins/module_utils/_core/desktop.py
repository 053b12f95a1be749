# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Programs that open ports for engines in virtual machines, and a service of macOS that is met on the same ports.

Source: what lsof names on Macs with Docker Desktop, Colima, OrbStack, Rancher Desktop and Podman; of a name macOS' lsof
keeps 16 bytes. AirPlay Receiver is in ControlCenter since macOS 12; docker/docs issue 14226.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket

LAUNCHD = "launchd"  # macOS' process 1; it listens for the jobs that it starts on demand, as sshd
BACKENDS = ("com.docker.backend", "com.docker.vpnkit", "vpnkit", "vpnkit-bridge")
FORWARDERS = (*BACKENDS, "OrbStack Helper", "limactl", "gvproxy")

_AIRPLAY = ("ControlCenter", "AirPlayXPCHelper")
_AIRPLAY_PORTS = (5000, 7000)
_KEPT = 16


def forwards(command: str) -> bool:
    """Whether a program opens ports on behalf of containers."""
    return _is_one_of(command, FORWARDERS)


def is_backend(command: str) -> bool:
    """Whether a program is Docker Desktop's own, on macOS or Windows."""
    return _is_one_of(command, BACKENDS)


def is_airplay(one: Socket) -> bool:
    return one.protocol == "tcp" and one.port in _AIRPLAY_PORTS and _is_one_of(one.command, _AIRPLAY)


def _is_one_of(command: str, names: t.Tuple[str, ...]) -> bool:
    name = command[:-4] if command.lower().endswith(".exe") else command
    return any(name in (one, one[:_KEPT]) for one in names)
