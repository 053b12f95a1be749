# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Which dockerd processes serve this host's network, and which processes hold a unix socket.

An engine of another network namespace (nested in a container, in a lab) takes no port here, with one exception: a
rootless engine's ports are taken here by the rootlesskit above it.
Source: proc(5): /proc/PID/exe, comm, stat, ns, fd; /proc/PID/net/unix, unix(7).
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Refused, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.cgroup import place
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_daemon import Daemon, text_of
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.processes import parse_stat

DAEMON, KIT, MANAGER = "dockerd", "rootlesskit", "systemd"
_INIT = "1"
_ROW = re.compile(r"^[0-9a-f]+: [0-9A-F]+ [0-9A-F]+ ([0-9A-F]+) 0001 [0-9A-F]+ +([0-9]+) (/.*)$", re.MULTILINE)
_ACCEPTS = 0x10000  # __SO_ACCEPTCON, include/uapi/linux/net.h
_GENERATIONS = 12  # how far above an engine its rootlesskit is looked for: it is two


class Processes:
    """The processes of this host, looked at once. Raises Unseen if there is no /proc.

    hidden: /proc shows no processes of other users (hidepid). strangers: engines of other networks.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._pids = [name for name in host.names("/proc") if name.isdigit()]
        self.hidden = _INIT not in self._pids
        self._network = _link(host, "/proc/self/ns/net")
        self._mounts = _link(host, "/proc/self/ns/mnt")
        self._names = {pid: self._name(pid) for pid in self._pids}
        engines = {pid: self._daemon(pid) for pid in sorted(self.named(DAEMON), key=int)}
        self.daemons = tuple(filter(None, engines.values()))
        self.strangers = tuple(pid for pid, daemon in engines.items() if daemon is None)

    def named(self, name: str) -> t.List[str]:
        return [pid for pid, known in self._names.items() if known == name]

    def _name(self, pid: str) -> str:
        """Its program's, which reads a third as long as its command's name and cannot be changed."""
        try:
            return self._host.link(f"/proc/{pid}/exe").replace(" (deleted)", "").rpartition("/")[2]
        except Refused:
            return text_of(self._host, f"/proc/{pid}/comm").rstrip("\n")
        except Unseen:  # it ended, or is one of the kernel's own
            return ""

    def _daemon(self, pid: str) -> t.Optional[Daemon]:
        """None for one that serves another network."""
        kit = self._kit(pid)
        network = self._network_of(pid)
        if network != self._network and (kit is None or self._network_of(kit) != self._network):
            return None
        apart = _link(self._host, f"/proc/{pid}/ns/mnt") not in ("", self._mounts)
        return Daemon(
            pid=int(pid),
            kit=int(kit) if kit else None,
            root=f"/proc/{pid}/root" if apart and kit is None else "",
            arguments=tuple(text_of(self._host, f"/proc/{pid}/cmdline").rstrip("\0").split("\0")[1:]),
            user=_user(text_of(self._host, f"/proc/{pid}/status")),
            namespace=_link(self._host, f"/proc/{pid}/ns/net"),
        )

    def _network_of(self, pid: str) -> str:
        """Its network namespace; where this user may not see it, this one, unless it is in a container."""
        try:
            return self._host.link(f"/proc/{pid}/ns/net")
        except Refused:
            within = place(text_of(self._host, f"/proc/{pid}/cgroup"), text_of(self._host, "/proc/1/cgroup")).container
            return "" if within else self._network
        except Unseen:
            return ""

    def _kit(self, pid: str) -> t.Optional[str]:
        """The uppermost rootlesskit above a process: it starts itself a second time, in the namespaces it made."""
        kit = None
        for _turn in range(_GENERATIONS):
            pid = str(parse_stat(text_of(self._host, f"/proc/{pid}/stat")).parent)
            if self._names.get(pid) == KIT:
                kit = pid
        return kit

    def sockets_of(self, pid: t.Union[int, str]) -> t.FrozenSet[int]:
        """Inodes of its open sockets. Raises Refused for another user's process; none if it ended."""
        try:
            return frozenset(int(link[8:-1]) for link in self._host.links(f"/proc/{pid}/fd") if link[:8] == "socket:[")
        except Refused:
            raise
        except Unseen:
            return frozenset()

    def holders(self, inode: int) -> t.Tuple[str, ...]:
        """Names of the processes that hold a socket; when systemd does, of any others too.

        Raises Refused if an engine or systemd hides from this user what it holds.
        """
        likely = self.named(DAEMON) + self.named(MANAGER)
        held = [self._names[pid] for pid in likely if inode in self.sockets_of(pid)]
        if held == [MANAGER]:
            held += [self._names[pid] for pid in self._pids if pid not in likely and self._holds(pid, inode)]
        return tuple(held)

    def _holds(self, pid: str, inode: int) -> bool:
        try:
            return inode in self.sockets_of(pid)
        except Refused:
            return False


def listeners(text: str) -> t.Dict[int, str]:
    """Path by inode of the unix stream sockets in /proc/net/unix that listen and have a file."""
    return {int(match[2]): match[3] for match in _ROW.finditer(text) if int(match[1], 16) & _ACCEPTS}


def _link(host: Host, path: str) -> str:
    try:
        return host.link(path)
    except Unseen:
        return ""


def _user(status: str) -> t.Optional[int]:
    match = re.search(r"^Uid:\t(\d+)", status, re.MULTILINE)
    return int(match[1]) if match else None
