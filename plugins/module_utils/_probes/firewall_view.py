# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A Host as what module docker_firewall looks through. What a Host cannot see is Unseen here too."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.surroundings import Link
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.system import Done, FirewallError, Process
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Missing, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import inet_diag, rtnetlink, socket_tables

_ROOT = re.compile(r"^Uid:\s+\d+\s+0\s", re.MULTILINE)
_UNCONNECTED = 1 << 7


class HostView:
    """Raises Unseen, but where a file or program is missing: that says something, and has an error of its own."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def which(self, program: str) -> t.Optional[str]:
        """A Host knows what it can run. What prints rules is run as it will be, and prints them once."""
        words = (program,) if program.endswith("-save") else (program, "--version")
        try:
            self._host.run(*words)
        except Missing:
            return None
        return program

    def run(self, *argv: str) -> Done:
        try:
            return Done(*self._host.run(*argv))
        except Missing as exc:
            raise FirewallError(exc.why) from exc

    def read(self, path: str) -> str:
        try:
            return self._host.read(path)
        except Missing as exc:
            raise FileNotFoundError(2, "No such file or directory", path) from exc

    def exists(self, path: str) -> bool:
        """A folder cannot be read, and is there."""
        try:
            self._host.read(path)
        except Missing:
            return False
        except Unseen:
            return True
        return True

    def listened(self) -> t.Set[t.Tuple[str, int]]:
        rows = socket_tables.told_tcp(self._host, inet_diag.LISTEN) + socket_tables.udp_rows(self._host, _UNCONNECTED)
        return {(row.protocol, row.port) for row in rows}

    def links(self) -> t.List[Link]:
        return [Link(one.name, one.kind) for one in rtnetlink.links_of(self._host)]

    def processes(self, *names: str) -> t.List[Process]:
        here = self._host.link("/proc/self/ns/net")
        found = [self._process(pid, names, here) for pid in filter(str.isdigit, self._host.names("/proc"))]
        return [process for process in found if process]

    def _process(self, pid: str, names: t.Container[str], here: str) -> t.Optional[Process]:
        """None if it is another one, or ended meanwhile."""
        try:
            name = self._host.read(f"/proc/{pid}/comm").rstrip("\n")
            if name not in names or self._host.link(f"/proc/{pid}/ns/net") != here:
                return None
            if not _ROOT.search(self._host.read(f"/proc/{pid}/status")):
                return None
            words = self._host.read(f"/proc/{pid}/cmdline").rstrip("\0").split("\0")
        except Missing:
            return None
        return Process(int(pid), name, tuple(words), f"/proc/{pid}/root")

    def now(self) -> float:
        return self._host.now()

    def uptime(self) -> float:
        return float(self.read("/proc/uptime").split()[0])
