# SPDX-License-Identifier: GPL-3.0-or-later
"""A recorded /proc with made processes."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._host import BECOME, Refused
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost

BOOT = 1700000000
ID = "b979b7216a4bf76c4f169ffac820d98f2d4b21aba504a76b8e2ce7ea9b91688b"


@dataclass(frozen=True)
class Process:
    """A process with sockets. ended: it is listed and gone. refuses: it hides its files from this user."""

    pid: int
    command: str = "app"
    parent: int = 1
    sockets: t.Tuple[int, ...] = ()
    ticks: int = 5000
    cgroup: str = "/"
    arguments: str = ""
    namespace: str = "net:[1]"
    ended: bool = False
    refuses: bool = False

    def stat(self):
        rest = f"S {self.parent} {self.pid} {self.pid} 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 {self.ticks} 1 2 3"
        return f"{self.pid} ({self.command}) {rest}\n"


class RecordedProc(ReplayHost):
    """Remembers which processes' open files it was asked for."""

    def __init__(self, processes, recording):
        super().__init__(recording)
        self._refusing = {f"/proc/{one.pid}/fd" for one in processes if one.refuses}
        self.looked_at = []

    def links(self, path):
        if path.startswith("/proc/"):
            self.looked_at.append(int(path.split("/")[2]))
        if path in self._refusing:
            raise Refused(f"{path}: permission denied", BECOME)
        return super().links(path)


def proc(*processes, last=0, more=None):
    """A host with these processes. last: number of the last one started; more: other parts of the recording."""
    here = [one for one in processes if not one.ended]
    recording = {verb: dict(told) for verb, told in (more or {}).items()}
    recording.setdefault("names", {})["/proc"] = [str(one.pid) for one in processes] + ["self", "net", "stat"]
    read = recording.setdefault("read", {})
    read["/proc/stat"] = f"cpu  1 2 3\nintr 4 5\nctxt 6\nbtime {BOOT}\nprocesses 7\n"
    read["/proc/loadavg"] = f"0.00 0.01 0.05 1/99 {last or max((one.pid for one in processes), default=1)}\n"
    link = recording.setdefault("link", {})
    link["/proc/self/ns/net"] = "net:[1]"
    for one in here:
        read[f"/proc/{one.pid}/stat"] = one.stat()
        read[f"/proc/{one.pid}/cgroup"] = f"0::{one.cgroup}\n"
        read[f"/proc/{one.pid}/cmdline"] = one.arguments
        link[f"/proc/{one.pid}/ns/net"] = one.namespace
        links = ["/dev/null", "pipe:[11]", "anon_inode:[eventpoll]", *(f"socket:[{inode}]" for inode in one.sockets)]
        recording.setdefault("links", {})[f"/proc/{one.pid}/fd"] = links
    return RecordedProc(processes, recording)
