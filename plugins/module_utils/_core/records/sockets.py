# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A record of sections sockets, clients and windows_sockets."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass


@dataclass(frozen=True)
class Socket:
    """A socket of the kernel that can refuse a bind. Source: sock_diag(7), else /proc/net; lsof on macOS.

    ip: as bound; "::" stays "::" here: with v6only False (or None: not told) it holds IPv4 too.
    state: listen, bound (bound and not listening), or a connection's: established, time_wait, ...
    pid and what follows: None or empty where the owner is not seen. started: seconds since the epoch.
    unit: systemd service, scope or socket unit of the process's cgroup; container: full id from the cgroup.
    label: of the job that launchd keeps the process for. services: of Windows, that the process hosts.
    """

    ip: str
    protocol: str
    port: int
    state: str = "listen"
    v6only: t.Optional[bool] = None
    uid: t.Optional[int] = None
    inode: int = 0
    interface: str = ""
    pid: t.Optional[int] = None
    started: t.Optional[float] = None
    command: str = ""
    command_line: str = ""
    unit: str = ""
    container: str = ""
    peer: str = ""
    label: str = ""
    services: t.Tuple[str, ...] = ()
