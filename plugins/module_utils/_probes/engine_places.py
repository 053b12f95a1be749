# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Where the engines of this host listen, and which of them must not be called.

Looking changes nothing, and where systemd listens for an engine that is down, any connection starts that engine, which
then rebuilds its rules. So who holds a socket is looked up before anything is said to it.
Source: proc(5); systemd.socket(5), systemctl(1); dockerd(8).
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Refused, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_daemon import Daemon, hosts, text_of
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_processes import (
    MANAGER,
    Processes,
    listeners,
)

UNIX = "unix://"
NOT_SEEN = "not seen"
_SOCKET = "docker.sock"
_FILES = (f"/var/run/{_SOCKET}", f"/run/{_SOCKET}", f"/run/snap.docker/{_SOCKET}")
_USERS = "/run/user"
_EVERYWHERE = ("0.0.0.0", "::", "")
_TCP = re.compile(r"(?:tcp|https?)://(\[[^\]]*\]|[^:/]*):?([0-9]*)")
_BESIDES = ("/libnetwork/", "/metrics.sock", "/containerd/", "/plugins/", "/buildkit")  # dockerd's other listeners


@dataclass(frozen=True)
class Place:
    """An endpoint. daemon: the process that serves it, where it is seen. asleep: why it must not be called.

    elsewhere: the engine's own files are not on this host, as in the virtual machine of Docker Desktop.
    namespace: the network of who listens, where it is another than this one; NOT_SEEN where it is not known which.
    """

    endpoint: str
    daemon: t.Optional[Daemon] = None
    asleep: str = ""
    elsewhere: bool = False
    namespace: str = ""


class Finder:
    """Looks for engines. Raises Unseen where there is no /proc.

    hidden: engines of other users may run and not be seen.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._processes = Processes(host)
        self.hidden = self._processes.hidden
        self._linked = _target(host, "/var/run") in ("/run", "../run")
        table = text_of(host, "/proc/net/unix")
        self._ours = listeners(table)
        self._is_told = bool(table)  # its first line names the columns, whether there are sockets or not
        self._tables = {**listeners(text_of(host, "/proc/1/net/unix")), **self._ours}

    def all(self) -> t.Tuple[Place, ...]:
        """Every engine of this host's network: those that run, then sockets of somebody else, or of nobody."""
        served = [self._place_of(daemon) for daemon in self._processes.daemons]
        known = {path for daemon in self._here() for path in self._paths(daemon)}
        for path in self._files():
            if self._resolved(path) not in known and not self._stranger(self._resolved(path)):
                known.add(self._resolved(path))
                served.append(self.at(path))
        return tuple(served)

    def at(self, path: str) -> Place:
        """What listens on one path of this host."""
        endpoint, same = UNIX + path, self._resolved(path)
        daemon = next((daemon for daemon in self._here() if same in self._paths(daemon)), None)
        asleep = ""
        if daemon is None and self._only_systemd(same):
            asleep = f"the engine is stopped behind {_unit(same)} and was not woken"
        return Place(endpoint, daemon, asleep, namespace="" if daemon else self._network_of(same))

    def by_tcp(self, endpoint: str, own: t.Container[str]) -> Place:
        """What listens on an address and port. own: the addresses of this host."""
        name, port = _address(endpoint)
        here = name in own or name == "localhost" or name.startswith("127.")
        ways = [(ip, port) for ip in (name, *_EVERYWHERE)]
        daemons = self._processes.daemons if here else ()
        found = (one for one in daemons if any(_address(told) in ways for told in hosts(self._host, one)))
        return Place(endpoint, next(found, None))

    def has_others(self, place: Place) -> bool:
        """Whether another engine has rules and proxies in this network. A rootless one has them in its own."""
        path = self._resolved(place.endpoint[len(UNIX) :]) if place.endpoint.startswith(UNIX) else ""
        others = (one for one in self._processes.daemons if one is not place.daemon and one.kit is None)
        return any(path not in self._paths(one) for one in others)

    def _here(self) -> t.Iterator[Daemon]:
        """Those whose paths are ours, too."""
        return (daemon for daemon in self._processes.daemons if not daemon.root)

    def _only_systemd(self, same: str) -> bool:
        """Whether a connection would start something."""
        inodes = self._inodes(same)
        try:
            holders = {name for inode in inodes for name in self._processes.holders(inode)}
        except Refused:
            return self._says_systemctl(same)
        return holders == {MANAGER}

    def _says_systemctl(self, same: str) -> bool:
        """For a user who may not see what systemd holds: a socket unit listens until its service runs."""
        if not self._processes.named(MANAGER):
            return False
        try:
            shown = self._host.run("systemctl", "show", "--property=Listen,SubState", "docker.socket", "podman.socket")
        except Unseen:
            return True
        units = (set(block.splitlines()) for block in shown.out.split("\n\n"))
        return any("SubState=listening" in unit and self._listens(unit, same) for unit in units)

    def _listens(self, unit: t.Iterable[str], same: str) -> bool:
        return any(line.startswith("Listen=/") and self._plain(line[7:].split(" (")[0]) == same for line in unit)

    def _inodes(self, same: str) -> t.Set[int]:
        """Sockets that listen on a path, without those of engines in containers, which call theirs by the same name."""
        apart = [self._sockets(str(daemon.pid)) for daemon in self._processes.daemons if daemon.root]
        return {inode for inode, path in self._tables.items() if self._plain(path) == same}.difference(*apart)

    def _stranger(self, same: str) -> str:
        """The process of the engine that holds a path and takes no port here; empty where there is none."""
        inodes = self._inodes(same)
        return next((pid for pid in self._processes.strangers if inodes & self._sockets(pid)), "")

    def _network_of(self, same: str) -> str:
        """The network of who listens on a path; empty where it is this one, whose table of sockets names the path.

        In a container, a mounted socket is that of the host's engine, which is not seen.
        """
        if not self._is_told or same in map(self._plain, self._ours.values()):
            return ""
        tables = ((pid, listeners(text_of(self._host, f"/proc/{pid}/net/unix"))) for pid in self._processes.strangers)
        pid = next((pid for pid, table in tables if same in map(self._plain, table.values())), "")
        return (pid and _target(self._host, f"/proc/{pid}/ns/net")) or NOT_SEEN

    def _place_of(self, daemon: Daemon) -> Place:
        """The endpoint at which a running engine is called: one that it was told of, if it is known to listen there."""
        told = hosts(self._host, daemon)
        unix = [host[len(UNIX) :] for host in told if host.startswith(UNIX)]
        own = self._paths(daemon)
        path = next((path for path in [*unix, *own] if self._plain(path) in own), "")
        if path:
            return Place(UNIX + self._reached(daemon, path), daemon)
        tcp = [host.replace("//0.0.0.0", "//127.0.0.1").replace("//[::]", "//[::1]") for host in told]
        return Place(next((host for host in tcp if host.startswith("tcp://")), told[0]), daemon)

    def _paths(self, daemon: Daemon) -> t.List[str]:
        """Where a dockerd listens for its API; where this user may not see it, what it was told."""
        try:
            inodes = self._processes.sockets_of(daemon.pid)
        except Refused:
            told = hosts(self._host, daemon)
            return [self._plain(host[len(UNIX) :]) for host in told if host.startswith(UNIX)]
        table = listeners(text_of(self._host, f"/proc/{daemon.pid}/net/unix"))
        found = (path for inode, path in table.items() if inode in inodes)
        return [self._plain(path) for path in found if not any(part in path for part in _BESIDES)]

    def _sockets(self, pid: str) -> t.FrozenSet[int]:
        try:
            return self._processes.sockets_of(pid)
        except Refused:
            return frozenset()

    def _reached(self, daemon: Daemon, path: str) -> str:
        """Through the process's own root where its files are not ours. A link there would lead back here: it is gone
        by way of what it says."""
        if not daemon.root:
            return path
        return daemon.root + (self._plain(path) if _target(self._host, f"{daemon.root}/var/run") else path)

    def _files(self) -> t.Iterator[str]:
        """Sockets that look like an engine's."""
        listening = (path for path in self._tables.values() if path.endswith("/" + _SOCKET))
        users = (f"{_USERS}/{name}/{_SOCKET}" for name in sorted(_names(self._host, _USERS)))
        for path in (*_FILES, *users, *listening):
            folder, _slash, name = path.rpartition("/")
            if name in _names(self._host, folder):
                yield path

    def _resolved(self, path: str) -> str:
        target = _target(self._host, path)
        relative = target and not target.startswith("/")
        return self._plain(path.rpartition("/")[0] + "/" + target if relative else target or path)

    def _plain(self, path: str) -> str:
        return path[len("/var") :] if self._linked and path.startswith("/var/run/") else path


def _address(endpoint: str) -> t.Tuple[str, str]:
    """Name or address, and port, of an endpoint by TCP; an address without brackets."""
    match = _TCP.match(endpoint)
    return (match[1].strip("[]"), match[2]) if match else (endpoint, "")


def _unit(path: str) -> str:
    known = {"docker.sock": "docker.socket", "podman.sock": "podman.socket"}
    return known.get(path.rpartition("/")[2], "a socket unit of systemd's")


def _target(host: Host, path: str) -> str:
    """Where a link leads; empty for what is none."""
    try:
        return host.link(path)
    except Unseen:
        return ""


def _names(host: Host, folder: str) -> t.List[str]:
    try:
        return host.names(folder)
    except Unseen:
        return []
