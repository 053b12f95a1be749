# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What processes say of themselves.

Source: proc(5): /proc/PID/stat, cgroup, cmdline; /proc/stat.
"""

from __future__ import annotations

import shlex
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.cgroup import place
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.visible import visible

_TICKS = 100.0  # USER_HZ: what the kernel counts in for programs, the same on every architecture that has containers


class Owner(t.NamedTuple):
    """A process that has a socket. started: seconds since the epoch, to a hundredth; None if it ended meanwhile."""

    pid: t.Optional[int]
    started: t.Optional[float] = None
    command: str = ""
    command_line: str = ""
    unit: str = ""
    container: str = ""


class ProcessReader:
    """Reads what processes say of themselves; each of them once, and what is the same for all of them once."""

    def __init__(self, host: Host, command_lines: bool) -> None:
        self._host = host
        self._command_lines = command_lines
        self._known: t.Dict[int, t.Tuple[Owner, int]] = {}
        self._boot: t.Optional[float] = None
        self._init: t.Optional[str] = None

    def owner(self, pid: int) -> t.Tuple[Owner, int]:
        """A process and its parent's number, 0 for none. One that ended meanwhile, or hides a file, says less."""
        if pid not in self._known:
            self._known[pid] = self._owner(pid)
        return self._known[pid]

    def _owner(self, pid: int) -> t.Tuple[Owner, int]:
        stat = parse_stat(self._text(f"/proc/{pid}/stat"))
        if self._init is None:
            self._init = self._text("/proc/1/cgroup")
        where = place(self._text(f"/proc/{pid}/cgroup"), self._init)
        line = parse_command_line(self._text(f"/proc/{pid}/cmdline")) if self._command_lines else ""
        texts = [visible(text) for text in (stat.command, line, where.unit, where.container)]
        return Owner(pid, self._started(stat), *texts), stat.parent

    def _started(self, stat: Stat) -> t.Optional[float]:
        if stat.ticks is not None and self._boot is None:
            self._boot = parse_boot_time(self._text("/proc/stat"))
        return None if stat.ticks is None or self._boot is None else round(self._boot + stat.ticks / _TICKS, 2)

    def _text(self, path: str) -> str:
        try:
            return self._host.read(path)
        except Unseen:
            return ""


class Stat(t.NamedTuple):
    """What /proc/PID/stat says. parent: 0 for none. ticks: when it started, since boot; None if it does not tell."""

    command: str = ""
    parent: int = 0
    ticks: t.Optional[int] = None


def parse_stat(text: str) -> Stat:
    """The command's name may hold spaces, ")" and newlines."""
    name, found, rest = text.partition(" (")[2].rpartition(") ")
    fields = rest.split()
    return Stat(name, int(fields[1]), int(fields[19])) if found and len(fields) > 19 else Stat()


def parse_boot_time(text: str) -> t.Optional[float]:
    """Seconds since the epoch from /proc/stat; None if it does not tell."""
    return next((float(line[6:]) for line in text.splitlines() if line.startswith("btime ")), None)


def parse_command_line(text: str) -> str:
    """/proc/PID/cmdline as a shell would take it; a process may have overwritten it with a text of its own."""
    return " ".join(shlex.quote(part) for part in text.rstrip("\0").split("\0")) if text else ""
