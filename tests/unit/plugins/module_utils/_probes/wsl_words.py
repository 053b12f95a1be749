# SPDX-License-Identifier: GPL-3.0-or-later
"""A WSL distribution, and the Windows below it as its programs print it: CRLF, in the code page of its language."""

from __future__ import annotations

import pathlib
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Missing, Output
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost

RECORDINGS = pathlib.Path(__file__).resolve().parents[3] / "recordings" / "windows"
MOUNTS = """\
/dev/sdc / ext4 rw,relatime,discard,errors=remount-ro,data=ordered 0 0
none /mnt/wsl tmpfs rw,relatime 0 0
drivers /usr/lib/wsl/drivers 9p ro,dirsync,nosuid,nodev,noatime,aname=drivers;fmask=222;dmask=222,mmap,access=client 0 0
D:\\134 /mnt/d 9p rw,noatime,dirsync,aname=drvfs;path=D:\\134;uid=1000;gid=1000;symlinkroot=/mnt/,access=client 0 0
C:\\134 {root}c 9p rw,noatime,dirsync,aname=drvfs;path=C:\\134;uid=1000;gid=1000;symlinkroot={root},access=client 0 0
"""
KERNEL = "5.15.153.1-microsoft-standard-WSL2\n"
LOST = "<3>WSL (723 - ) ERROR: UtilConnectToInteropServer:307: connect failed 2\n"
PROGRAMS = {
    "netstat -ano": "netstat-ano",
    "netstat -anoq": "netstat-anoq",
    "tasklist /SVC /FO CSV /NH": "tasklist",
    "netsh interface ipv4 show excludedportrange protocol=tcp": "netsh-excludedportrange-tcp",
    "netsh interface ipv6 show excludedportrange protocol=tcp": "netsh-excludedportrange-tcp",
    "netsh interface ipv4 show excludedportrange protocol=udp": "netsh-excludedportrange-udp",
    "netsh interface ipv6 show excludedportrange protocol=udp": "netsh-excludedportrange-udp",
}


class Distribution(ReplayHost):
    """mode: what wslinfo says, None where there is no wslinfo. interop: what the kernel says of Windows' programs.

    root: below which drives are. servers: of interop in /run/WSL; alive: those that answer, "" for no server named.
    """

    def __init__(
        self,
        mode: t.Optional[str] = "nat",
        interop: t.Optional[str] = "WSLInterop",
        root: str = "/mnt/",
        language: str = "english",
        servers: t.Sequence[str] = ("1_interop", "8_interop"),
        alive: t.Sequence[str] = ("", "1_interop"),
        read: t.Optional[t.Mapping[str, str]] = None,
        names: t.Optional[t.Mapping[str, t.Sequence[str]]] = None,
        link: t.Optional[t.Mapping[str, str]] = None,
    ) -> None:
        files = {"/proc/sys/kernel/osrelease": KERNEL, "/proc/mounts": MOUNTS.format(root=root), **(read or {})}
        if interop:
            files[f"/proc/sys/fs/binfmt_misc/{interop}"] = (
                "enabled\ninterpreter /init\nflags: PF\noffset 0\nmagic 4d5a\n"
            )
        super().__init__({"read": files, "names": {"/run/WSL": list(servers), **(names or {})}, "link": link or {}})
        self._mode, self._root, self._language, self._alive = mode, root, language, alive
        self.called: t.List[str] = []

    def run(self, *argv: str) -> Output:
        self.called.append(" ".join(argv))
        server = ""
        if argv[0] == "env":
            server, argv = argv[1].partition("=/run/WSL/")[2], argv[2:]
        if argv[0] == "wslinfo" and self._mode is not None:
            return Output(0, f"{self._mode}\n", "")
        folder, _slash, program = argv[0].rpartition("/")
        if folder != f"{self._root}c/Windows/System32":
            raise Missing(f"{argv[0]} is not installed")
        if server not in self._alive:
            return Output(1, "", LOST)
        return Output(0, self._printed(" ".join([program[: -len(".exe")], *argv[1:]])), "")

    def _printed(self, command: str) -> str:
        raw = (RECORDINGS / self._language / f"{PROGRAMS[command]}.bin").read_bytes()
        return raw.decode("utf-8", "surrogateescape")
