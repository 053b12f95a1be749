# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The machine, as far as the firewall only looks at it: `System` is one that can be changed as well."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.surroundings import Link
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.system import Done, Process


class View(t.Protocol):
    def which(self, program: str) -> t.Optional[str]:
        """What runs a program; None if it is not installed."""

    def run(self, *argv: str) -> Done:
        """A command in the C locale. Raises FirewallError if it is missing or hangs."""

    def read(self, path: str) -> str:
        """A text file. Raises OSError."""

    def exists(self, path: str) -> bool:
        """Whether a file is there."""

    def listened(self) -> t.Set[t.Tuple[str, int]]:
        """(protocol, port) of the TCP and UDP sockets that would answer a stranger."""

    def links(self) -> t.List[Link]:
        """The interfaces of this network namespace."""

    def processes(self, *names: str) -> t.List[Process]:
        """Those of root, by the kernel's name for them, that share this network namespace."""

    def now(self) -> float:
        """Seconds since the epoch."""

    def uptime(self) -> float:
        """Seconds since the host booted, those asleep among them."""
