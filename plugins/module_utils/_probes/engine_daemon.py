# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What a dockerd process and its daemon.json say of the engine.

Source: proc(5): /proc/PID/cmdline, cgroup, ns; dockerd(8); rootless: dockerd-rootless.sh, rootlesskit(1).
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Engine
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.cgroup import place
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_values import (
    Document,
    items,
    text,
    visible,
)

_TRUE = ("1", "t", "T", "TRUE", "true", "True")  # as Go's strconv.ParseBool reads them
_FALSE = ("0", "f", "F", "FALSE", "false", "False")
_SHORT = {"-H": "--host", "-G": "--group", "-D": "--debug", "-l": "--log-level"}


@dataclass(frozen=True)
class Daemon:
    """A dockerd process. kit: the rootlesskit process above a rootless one.

    root: what its files are below, where its mounts are not ours (in a container on the host's network); else empty.
    user: number of the one that it runs as. namespace: its network; empty where it is not seen.
    """

    pid: int
    kit: t.Optional[int] = None
    root: str = ""
    arguments: t.Tuple[str, ...] = ()
    user: t.Optional[int] = None
    namespace: str = ""


def values(arguments: t.Sequence[str], flag: str) -> t.List[str]:
    """What a flag was given: --flag=value, --flag value, -f value, -fvalue."""
    found = []
    for i, word in enumerate(arguments):
        name, equals, value = word.partition("=")
        if not word.startswith("--") and word[:2] in _SHORT:
            name, equals, value = _SHORT[word[:2]], word[2:3] and "=", word[2:].lstrip("=")
        if name == flag:
            found.append(value if equals else "".join(arguments[i + 1 : i + 2]))
    return found


def switch(arguments: t.Sequence[str], flag: str) -> t.Optional[bool]:
    """A flag that is on or off: --flag is on, --flag=false off; None where it is not given."""
    result = None
    for word in arguments:
        name, equals, value = word.partition("=")
        if name == flag and (not equals or value in _TRUE + _FALSE):
            result = not equals or value in _TRUE
    return result


def config_path(host: Host, daemon: Daemon) -> str:
    """The file that it reads, whether or not it is there. A rootless engine's is in its user's home."""
    named = values(daemon.arguments, "--config-file")
    if named:
        return named[-1]
    if daemon.kit is None:
        return "/etc/docker/daemon.json"
    home = _home(host, daemon.user)
    return f"{home}/.config/docker/daemon.json" if home else ""


def _home(host: Host, user: t.Optional[int]) -> str:
    try:
        lines = host.read("/etc/passwd").splitlines()
    except Unseen:
        return ""
    fields = (line.split(":") for line in lines)
    return next((field[5] for field in fields if len(field) > 6 and field[2] == str(user)), "")


def config_of(host: Host, daemon: Daemon, path: str) -> Document:
    """What the file says now; a change since the engine started is not in force. Nothing, where it cannot be read."""
    try:
        document = json.loads(host.read(daemon.root + path)) if path else {}
    except (Unseen, ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def engine_of(host: Host, daemon: Daemon, endpoint: str) -> Engine:
    """The engine, as far as its process and its file tell."""
    path = config_path(host, daemon)
    file = config_of(host, daemon, path)

    def on(flag: str) -> t.Optional[bool]:
        told = file.get(flag)
        given = switch(daemon.arguments, "--" + flag)
        return given if given is not None else told if isinstance(told, bool) else None

    return Engine(
        endpoint=endpoint,
        pid=daemon.pid,
        rootless=daemon.kit is not None,
        port_driver=_port_driver(host, daemon),
        userland_proxy=on("userland-proxy"),
        live_restore=on("live-restore") is True,
        iptables=on("iptables"),
        ip6tables=on("ip6tables"),
        default_ip=visible("".join(values(daemon.arguments, "--ip")[-1:])) or text(file, "ip"),
        config_file=visible(path),
        unit=visible(place(text_of(host, f"/proc/{daemon.pid}/cgroup"), text_of(host, "/proc/1/cgroup")).unit),
        namespace=daemon.namespace,
    )


def hosts(host: Host, daemon: Daemon) -> t.List[str]:
    """Where it was told to listen; by its command line or its file, for it does not start with both.

    fd:// stands for what systemd listens on for it, which is its default: docker.socket.
    """
    file = config_of(host, daemon, config_path(host, daemon))
    told = values(daemon.arguments, "--host") or [one for one in items(file, "hosts") if isinstance(one, str)]
    usual = "unix:///var/run/docker.sock" if daemon.kit is None else f"unix:///run/user/{daemon.user}/docker.sock"
    return [usual if one in ("unix://", "") or one.startswith("fd://") else one for one in told] or [usual]


def _port_driver(host: Host, daemon: Daemon) -> str:
    """rootlesskit's own default is none."""
    if daemon.kit is None:
        return ""
    words = text_of(host, f"/proc/{daemon.kit}/cmdline").split("\0")
    return visible("".join(values(words, "--port-driver")[-1:])) or "none"


def text_of(host: Host, path: str) -> str:
    """A file, or nothing where it is not seen."""
    try:
        return host.read(path)
    except Unseen:
        return ""
