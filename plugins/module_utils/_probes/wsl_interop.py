# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Windows' programs from within a WSL distribution.

They are not looked for in the PATH, for [interop] appendWindowsPath may be false. What names the interop server to a
program, WSL_INTEROP, is lost under sudo, ssh and systemd: then each server of this distribution is tried.
Source: WSL, src/linux/init/binfmt.cpp, config.cpp; wsl.conf documentation; WSL issues 5065, 8846.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Missing, Output, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.visible import visible

BINFMT = "/proc/sys/fs/binfmt_misc"
HANDLERS = ("WSLInterop", "WSLInterop-late")
SERVERS = "/run/WSL"
CONF = "/etc/wsl.conf"
ON = (
    "set enabled=true under [interop] in /etc/wsl.conf and run `wsl --shutdown` on Windows, "
    "or gather the Windows host itself"
)

_MOST = 3  # interop servers that are tried
_DRIVES = ("9p", "drvfs", "virtiofs")
_ESCAPE = re.compile(r"\\([0-7]{3})")
_SETTING = re.compile(r"\s*([A-Za-z]+)\s*=\s*(.*?)\s*")


def is_on(host: Host) -> bool:
    """Whether the kernel knows how to start a Windows program."""
    return any(_text(host, f"{BINFMT}/{name}").startswith("enabled") for name in HANDLERS)


class Interop:
    """Runs Windows' programs by their names, such as netsh, and is to the probes of Windows what a Host is to them."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._folders = tuple(f"{drive}/Windows/System32" for drive in drives(host))
        self._way: t.Tuple[str, ...] = ()

    def run(self, *argv: str) -> Output:
        """Raises Unseen where no drive of Windows has the program, or no interop server starts it."""
        for folder in self._folders:
            program = (f"{folder}/{argv[0]}.exe", *argv[1:])
            try:
                return self._started(program)
            except Missing:
                continue
        where = " or ".join(self._folders) or "no drive of Windows is mounted"
        raise Unseen(f"{argv[0]}.exe is not in {where}", "set enabled=true under [automount] in /etc/wsl.conf")

    def _started(self, program: t.Tuple[str, ...]) -> Output:
        answer = self._host.run(*self._way, *program)
        if not _is_refused(answer):
            return answer
        for server in self._servers():
            way = ("env", f"WSL_INTEROP={server}")
            other = self._host.run(*way, *program)
            if not _is_refused(other):
                self._way = way
                return other
        raise Unseen(f"WSL does not start {program[0]}: {visible(' '.join(answer.err.split()))[:160]}", ON)

    def _servers(self) -> t.List[str]:
        """That of process 1 first: it lives as long as the distribution."""
        try:
            names = [name for name in self._host.names(SERVERS) if re.fullmatch(r"[0-9]{1,10}_interop", name)]
        except Unseen:
            return []
        return [f"{SERVERS}/{name}" for name in sorted(names, key=lambda name: int(name.partition("_")[0]))[:_MOST]]


def _is_refused(answer: Output) -> bool:
    """WSL's own words, such as `<3>WSL (123) ERROR: UtilConnectToInteropServer:307: connect failed 2`."""
    return answer.rc != 0 and not answer.out.strip() and "ERROR: Util" in answer.err


def drives(host: Host) -> t.Tuple[str, ...]:
    """Where Windows' drives may be mounted, C: before the others."""
    mounted = list(parse_mounts(_text(host, "/proc/mounts")))
    root = parse_conf(_text(host, CONF)).get(("automount", "root"), "/mnt/").rstrip("/")
    found = [path for device, path in mounted if device[:2].upper() == "C:"]
    found += [f"{root}/c", *(path for _device, path in mounted)]
    return tuple(dict.fromkeys(path.rstrip("/") for path in found))


def parse_mounts(text: str) -> t.Iterator[t.Tuple[str, str]]:
    """Device and folder of what may be a drive: `C:\\134 /mnt/c 9p rw,...,aname=drvfs;path=C:\\134;... 0 0`."""
    for line in text.split("\n"):
        words = line.split(" ")
        if len(words) >= 4 and words[2] in _DRIVES and not words[1].startswith(("/usr/lib/wsl", "/mnt/wsl")):
            yield _plain(words[0]), _plain(words[1])


def _plain(text: str) -> str:
    return _ESCAPE.sub(lambda match: chr(int(match[1], 8)), text)


def parse_conf(text: str) -> t.Dict[t.Tuple[str, str], str]:
    """Settings of wsl.conf by section and name, both in lower case; quotes and comments are taken off."""
    section, found = "", {}
    for line in text.splitlines():
        bare = line.partition("#")[0].strip()
        if bare.startswith("[") and bare.endswith("]"):
            section = bare[1:-1].strip().lower()
            continue
        match = _SETTING.fullmatch(bare)
        if match:
            found[section, match[1].lower()] = match[2].strip("\"'")
    return found


def _text(host: Host, path: str) -> str:
    try:
        return host.read(path)
    except Unseen:
        return ""
