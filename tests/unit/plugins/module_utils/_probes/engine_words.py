# SPDX-License-Identifier: GPL-3.0-or-later
"""A made host: processes, the unix sockets that they listen on, and files. Its engines' API is a fake one, or none."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.dockmaster.ports.plugins.module_utils._host import BECOME, Answer, Output, Refused, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost

HERE, ELSEWHERE = "net:[1]", "net:[2]"


@dataclass
class Made:
    """A process. sockets: inode to path of what it has open and listens on; shut: this user may not look into it."""

    pid: int
    name: str
    sockets: t.Dict[int, str] = field(default_factory=dict)
    arguments: t.Tuple[str, ...] = ()
    parent: int = 1
    network: str = HERE
    mounts: str = "mnt:[1]"
    cgroup: str = "/"
    user: int = 0
    shut: bool = False


class MadeHost(ReplayHost):
    """files: texts by path. folders: names by path, those of sockets and processes beside. links: targets by path.

    ours: what this process is in. units: what systemctl shows. api: answers calls; without it nobody may be called.
    """

    def __init__(
        self,
        *processes: Made,
        files: t.Optional[t.Mapping[str, str]] = None,
        folders: t.Optional[t.Mapping[str, t.Sequence[str]]] = None,
        links: t.Optional[t.Mapping[str, str]] = None,
        units: str = "",
        api: t.Optional[t.Callable[[str, str], Answer]] = None,
        hidepid: bool = False,
    ) -> None:
        super().__init__({})
        self.called: t.List[str] = []
        self._processes = {one.pid: one for one in processes}
        self._files = dict(files or {})
        self._links = {"/var/run": "/run", "/proc/self/ns/net": HERE, "/proc/self/ns/mnt": "mnt:[1]", **(links or {})}
        self._folders = {path: list(names) for path, names in (folders or {}).items()}
        self._folders["/proc"] = ["self", "net", *(str(pid) for pid in self._processes if not hidepid or pid > 1)]
        self._units = units
        self._api = api
        for one in processes:
            self._add(one)
        self._files.setdefault("/proc/net/unix", table(*(one for one in processes if one.network == HERE)))

    def _add(self, one: Made) -> None:
        proc = f"/proc/{one.pid}"
        same = [other for other in self._processes.values() if other.network == one.network]
        self._files.update(
            {
                f"{proc}/comm": one.name + "\n",
                f"{proc}/cmdline": "\0".join((one.name, *one.arguments)) + "\0",
                f"{proc}/stat": f"{one.pid} ({one.name}) S {one.parent} " + " ".join(["0"] * 30),
                f"{proc}/status": f"Name:\t{one.name}\nUid:\t{one.user}\t{one.user}\n",
                f"{proc}/cgroup": f"0::{one.cgroup}\n",
                f"{proc}/net/unix": table(*same),
            }
        )
        hidden = {f"{proc}/exe": f"/usr/bin/{one.name}", f"{proc}/ns/net": one.network, f"{proc}/ns/mnt": one.mounts}
        self._links.update({path: "" if one.shut else target for path, target in hidden.items()})

    def read(self, path: str) -> str:
        return self._found(self._files, path)

    def names(self, path: str) -> t.List[str]:
        return list(self._found(self._folders, path))

    def link(self, path: str) -> str:
        target: str = self._found(self._links, path)
        if not target:
            raise Refused(f"{path}: permission denied", BECOME)
        return target

    def links(self, path: str) -> t.List[str]:
        one = self._processes.get(int(path.split("/")[2]))
        if one is None:
            raise Unseen(f"{path}: no such file or directory")
        if one.shut:
            raise Refused(f"{path}: permission denied", BECOME)
        return ["/dev/null", "pipe:[9]", *(f"socket:[{inode}]" for inode in one.sockets)]

    def run(self, *argv: str) -> Output:
        if argv[:2] != ("systemctl", "show") or not self._units:
            raise Unseen(f"{argv[0]} is not installed")
        return Output(0, self._units, "")

    def api(self, endpoint: str, path: str) -> Answer:
        self.called.append(f"{endpoint} {path}")
        if not self._api:
            raise AssertionError(f"{endpoint} was called")
        return self._api(endpoint, path)

    @staticmethod
    def _found(where: t.Mapping[str, t.Any], path: str) -> t.Any:
        if path not in where:
            raise Unseen(f"{path}: no such file or directory")
        return where[path]


def table(*processes: Made) -> str:
    """/proc/net/unix with what these processes listen on, some connections beside."""
    lines = ["Num       RefCount Protocol Flags    Type St Inode Path"]
    for inode, path in sorted({inode: path for one in processes for inode, path in one.sockets.items()}.items()):
        lines.append(f"0000000000000000: 00000002 00000000 00010000 0001 01 {inode:5} {path}")
        lines.append(f"0000000000000000: 00000003 00000000 00000000 0001 03 {inode + 5000:5} {path}")
    lines.append("0000000000000000: 00000002 00000000 00010000 0001 01  8001 @/tmp/abstract")
    lines.append("0000000000000000: 00000002 00000000 00000000 0002 01  8002 /run/systemd/notify")
    return "\n".join(lines) + "\n"
