# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""How this host starts its engine: which program, with which flags, and whether it runs now."""

from __future__ import annotations

import os
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._daemon import unit as units
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.flags import Flags, flags_of
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.processes import ProcessReader

_VERSION = re.compile(r"Docker version (\d+)\.(\d+)(?:\.(\d+))?")


@dataclass(frozen=True)
class Launch:
    """arguments: of dockerd at its next start, variables put in; None where nothing on this host tells them.

    source: where they come from. program: dockerd, as the unit or the process names it; "" where it is not installed.
    pid: of the engine that runs; None if none does. version: of the program, () where it does not tell.
    stale: the unit's file changed after systemd read it. unseen: why the arguments are not known.
    started: when the running engine began, in seconds since the epoch; with its pid it names it for good.
    """

    arguments: t.Optional[t.Tuple[str, ...]] = None
    source: str = ""
    program: str = ""
    pid: t.Optional[int] = None
    version: t.Tuple[int, ...] = ()
    stale: bool = False
    unseen: str = ""
    started: t.Optional[float] = None

    @property
    def flags(self) -> Flags:
        return flags_of(self.arguments or ())


@dataclass(frozen=True)
class Place:
    """Which engine of a host: the system's, or a user's rootless one.

    folder: of its configuration; run: of its socket and pid file.
    """

    unit: str = "docker.service"
    rootless: bool = False
    folder: str = "/etc/docker"
    run: str = "/var/run"

    def systemctl(self, *arguments: str) -> t.Tuple[str, ...]:
        """The user's own systemd is found by XDG_RUNTIME_DIR, which `become` does not set."""
        if not self.rootless:
            return ("systemctl", *arguments)
        return ("env", f"XDG_RUNTIME_DIR={self.run}", "systemctl", "--user", *arguments)


def launch_of(host: Host, place: Place) -> Launch:
    """What systemd's unit says; without systemd, or where the unit starts a wrapper, what the running process says."""
    shown, unseen = _show(host, place)
    pid = _running(host, place, int(shown.get("MainPID", ["0"])[0]))
    start = shown.get("ExecStart", [""])[0]
    program = units.program_of(start)
    arguments: t.Optional[t.Tuple[str, ...]] = None
    source = ""
    if os.path.basename(program) == "dockerd":
        arguments = tuple(units.expand(units.words_of(start), _variables(host, shown))[1:])
        source = f"unit {place.unit}"
    else:
        command = _command_line(host, pid)
        program = command[0] if command and os.path.basename(command[0]) == "dockerd" else "dockerd"
        if command:
            arguments, source = command[1:], f"process {pid}"
    version = _version(host, program)
    stale = shown.get("NeedDaemonReload") == ["yes"]
    why = "" if arguments is not None else unseen or "the engine does not run, and no unit tells its command line"
    started = ProcessReader(host, command_lines=False).owner(pid)[0].started if pid else None
    return Launch(arguments, source, program if version else "", pid, version, stale, why, started)


def _show(host: Host, place: Place) -> t.Tuple[t.Dict[str, t.List[str]], str]:
    try:
        shown = host.run(*place.systemctl("show", "--no-pager", "-p", units.PROPERTIES, place.unit))
    except Unseen as exc:
        return {}, str(exc)
    parsed = units.parse_show(shown.out)
    if shown.rc or parsed.get("LoadState") != ["loaded"]:
        return {}, f"systemd has no unit {place.unit}"
    return parsed, ""


def _variables(host: Host, shown: t.Mapping[str, t.List[str]]) -> t.Dict[str, str]:
    """Files come after Environment= and win. Raises nothing: a file that is not there is left out, as systemd does."""
    variables: t.Dict[str, str] = {}
    for value in shown.get("Environment", ()):
        variables.update(units.parse_environment(value))
    for path in units.environment_files(shown):
        try:
            variables.update(units.parse_environment_file(host.read(path)))
        except Unseen:
            continue
    return variables


def _running(host: Host, place: Place, main_pid: int) -> t.Optional[int]:
    """The dockerd of this place: the unit's own process, else its pid file's, else the only one of our network.

    Nested engines are visible here too: they have network namespaces of their own.
    """
    if main_pid and _command(host, main_pid) == "dockerd":
        return main_pid
    try:
        recorded = int(host.read(f"{place.run}/docker.pid").strip() or 0)
    except (Unseen, ValueError):
        recorded = 0
    if recorded and _command(host, recorded) == "dockerd":
        return recorded
    if place.rootless:
        return None
    ours = [pid for pid in _pids(host) if _command(host, pid) == "dockerd" and _in_our_network(host, pid)]
    return ours[0] if len(ours) == 1 else None


def _pids(host: Host) -> t.List[int]:
    return sorted(int(name) for name in host.names("/proc") if name.isdigit())


def _in_our_network(host: Host, pid: int) -> bool:
    try:
        return host.link(f"/proc/{pid}/ns/net") == host.link("/proc/self/ns/net")
    except Unseen:
        return False


def _command(host: Host, pid: int) -> str:
    try:
        return host.read(f"/proc/{pid}/comm").strip()
    except Unseen:
        return ""


def _command_line(host: Host, pid: t.Optional[int]) -> t.Tuple[str, ...]:
    try:
        return tuple(host.read(f"/proc/{pid}/cmdline").rstrip("\0").split("\0")) if pid else ()
    except Unseen:
        return ()


def _version(host: Host, program: str) -> t.Tuple[int, ...]:
    try:
        match = _VERSION.search(host.run(program, "--version").out)
    except Unseen:
        return ()
    return tuple(int(part) for part in match.groups() if part) if match else ()
