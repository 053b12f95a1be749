# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Windows' excluded ports from within a WSL distribution, through its netsh.exe.

Windows' programs run as the Windows user who started WSL, mostly without elevation: then they show, and change nothing.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Output, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.platform import wsl_of
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows.command import Command
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.wsl_interop import Interop

_GROUPS = Command(("whoami", "/groups"))
_ELEVATED = ("S-1-16-12288", "S-1-16-16384")  # mandatory levels high and system; these are in no language
_LEVEL = "S-1-16-"


def insist_on_wsl(host: Host) -> None:
    """Raises Unseen on a host that is none."""
    if not wsl_of(host.read("/proc/sys/kernel/osrelease")):
        raise Unseen("this host is neither Windows nor a WSL distribution, and only Windows excludes ports")


class WslShell:
    """Windows as seen from WSL. Each program is started by itself."""

    def __init__(self, host: Host) -> None:
        self._interop = Interop(host)

    def run(self, commands: t.Sequence[Command]) -> t.List[Output]:
        """Raises Unseen."""
        return [self._interop.run(*command.argv) for command in commands]

    @property
    def elevated(self) -> t.Optional[bool]:
        try:
            said = self._interop.run(*_GROUPS.argv).out
        except Unseen:
            return None
        return any(level in said for level in _ELEVATED) if _LEVEL in said else None

    def unelevated(self, commands: t.Sequence[Command]) -> str:
        lines = "; ".join(str(command) for command in commands)
        return (
            "WSL starts Windows' programs without elevation here, so that they show what Windows excludes, and cannot"
            " change it. Run this task against Windows itself (over WinRM or ssh), or run in a terminal of an"
            f" administrator there: {lines}"
        )


class WslNat:
    """Winnat is what connects this distribution: it is not stopped from within."""

    query = Command(("sc", "query", "winnat"))
    obstacle = "winnat is not stopped from within WSL: run this task against Windows itself (over WinRM or ssh)"

    def runs(self, answer: Output) -> t.Optional[bool]:
        return None

    def change(self, *args: t.Any) -> None:
        raise ValueError(self.obstacle)
