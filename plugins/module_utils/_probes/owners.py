# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Which processes have which sockets open.

Source: proc(5): /proc/PID/fd, /proc/PID/ns/net, /proc/loadavg.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._host import BECOME, Host, Refused, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.processes import Owner, ProcessReader

_SOCKET = "socket:["


class Owners(t.NamedTuple):
    """found: owner by inode. hidden: why others may have owners that are not seen, None if they cannot: a socket that
    no process has is the kernel's own (NFS, WireGuard, VXLAN), or of a process in another PID namespace.
    """

    found: t.Dict[int, Owner]
    hidden: t.Optional[Unseen]


def owners_of(host: Host, inodes: t.Iterable[int], command_lines: bool = False) -> Owners:
    """Who has each socket open: of several that share it, the topmost parent, such as the master of some workers.

    Ends as soon as every socket is found. Raises Unseen if /proc is not there.
    """
    wanted = frozenset(f"{_SOCKET}{inode}]" for inode in inodes if inode)
    search = _Search(host, wanted, command_lines)
    if not wanted:
        return Owners({}, None)
    pids = [int(name) for name in host.names("/proc") if name.isdigit()]
    for pid in _in_order(host, pids):
        search.look_at(pid)
        if len(search.found) == len(wanted):
            return Owners(search.found, None)
    return Owners(search.found, _hidden(search.refusals, pids))


def _in_order(host: Host, pids: t.Iterable[int]) -> t.Iterator[int]:
    """Oldest first, for servers start before what uses them; processes of other network namespaces last.

    Numbers above the last one that the kernel gave are from before it began again at the lowest.
    """
    last = _last_given(host)
    ours = _namespace(host, "self")
    others = []
    for pid in sorted(pids, key=lambda pid: (pid <= last, pid)):
        if _namespace(host, pid) == ours:
            yield pid
        else:
            others.append(pid)
    yield from others


def _namespace(host: Host, pid: t.Union[int, str]) -> str:
    try:
        return host.link(f"/proc/{pid}/ns/net")
    except Unseen:
        return ""


def _last_given(host: Host) -> int:
    """The last process number that the kernel gave; 0 where it does not tell."""
    try:
        word = host.read("/proc/loadavg").split()[-1:]
    except Unseen:
        return 0
    return int(word[0]) if word and word[0].isdigit() else 0


def _hidden(refusals: t.Sequence[Refused], pids: t.Sequence[int]) -> t.Optional[Unseen]:
    if refusals:
        count = len(refusals)
        why = "a process hides its open files" if count == 1 else f"{count} processes hide their open files"
        return Unseen(f"{why} from this user", refusals[0].see)
    return None if 1 in pids else Unseen("/proc hides other users' processes (hidepid)", BECOME)


class _Search:
    """Looks at processes one by one, and remembers what it saw."""

    def __init__(self, host: Host, wanted: t.FrozenSet[str], command_lines: bool) -> None:
        self._host = host
        self._wanted = wanted
        self._read = ProcessReader(host, command_lines)
        self._seen: t.Dict[int, t.FrozenSet[str]] = {}
        self.found: t.Dict[int, Owner] = {}
        self.refusals: t.List[Refused] = []

    def look_at(self, pid: int) -> None:
        here = self._sockets(pid)
        if here:
            self._give(pid, here)

    def _give(self, pid: int, links: t.FrozenSet[str]) -> None:
        """Sockets to a process, but those that its parent has too to the parent."""
        owner, parent = self._read.owner(pid)
        shared = links & self._sockets(parent) if parent else frozenset()
        if shared:
            self._give(parent, shared)
        for link in links - shared:
            self.found[int(link[len(_SOCKET) : -1])] = owner

    def _sockets(self, pid: int) -> t.FrozenSet[str]:
        """The wanted sockets that a process has."""
        if pid not in self._seen:
            self._seen[pid] = frozenset()
            try:
                self._seen[pid] = self._wanted.intersection(self._host.links(f"/proc/{pid}/fd"))
            except Refused as exc:
                self.refusals.append(exc)
            except Unseen:  # it ended
                pass
        return self._seen[pid]
