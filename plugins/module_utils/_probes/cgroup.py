# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What /proc/PID/cgroup says of a process: its systemd unit, its container.

Source: cgroups(7); systemd, src/basic/cgroup-util.c (cg_path_get_unit); moby, containerd, cri-o, podman and lxc name
their groups so:

    /docker/ID   /system.slice/docker-ID.scope   /../../docker/ID (seen from another cgroup namespace)
    /machine.slice/libpod-ID.scope/container   /libpod_parent/libpod-ID   /machine.slice/libpod-conmon-ID.scope
    /kubepods/burstable/podUID/ID   /kubepods.slice/kubepods-podUID.slice/cri-containerd-ID.scope
    /system.slice/containerd.service/kubepods-burstable-podUID.slice:cri-containerd:ID   /default/ID   /ecs/TASK/ID
    /lxc/NAME   /lxc.payload.NAME   /lxc.payload/NAME
"""

from __future__ import annotations

import functools
import re
import typing as t

_ID = re.compile(r"(?:.*[:-])?([0-9a-f]{64})(?:\.scope)?")
_UNIT = re.compile(r"[^/]+\.(?:service|scope|socket|mount|swap)")
_INIT = "/init.scope"
_LXC = ("lxc", "lxc.payload")


class Place(t.NamedTuple):
    """unit: the system manager's unit, empty outside one. container: id, or LXC's name; empty outside one."""

    unit: str = ""
    container: str = ""


@functools.lru_cache(maxsize=1024)
def place(text: str, init: str = "") -> Place:
    """Where a process is. init: the same file of process 1, whose own place is none.

    Inside a container that shows the whole tree, every path starts with that container's own; it says nothing.
    """
    bases = {controllers: path[: -len(_INIT)] if path.endswith(_INIT) else path for controllers, path in _paths(init)}
    seen = {controllers: _below(path, bases.get(controllers, "")) for controllers, path in _paths(text)}
    ordered = [seen[key] for key in ("name=systemd", "") if key in seen]
    ordered += [path for key, path in seen.items() if key not in ("name=systemd", "")]
    units = (_unit(path) for path in ordered[:2])
    containers = (_container(path) for path in ordered)
    return Place(next(filter(None, units), ""), next(filter(None, containers), ""))


def _paths(text: str) -> t.Iterator[t.Tuple[str, str]]:
    """Controllers and path of each hierarchy; those of cgroup v2 have no controllers here."""
    for line in text.split("\n"):
        _number, _colon, rest = line.partition(":")
        controllers, found, path = rest.partition(":")
        if found:
            yield controllers, path


def _below(path: str, base: str) -> t.List[str]:
    base = base.rstrip("/")
    if path == base or path.startswith(base + "/"):
        path = path[len(base) :]
    return [name for name in path.split("/") if name not in ("", "..")]


def _unit(names: t.List[str]) -> str:
    """The first name below the slices, if it is a unit's."""
    for name in names:
        plain = name[1:] if name.startswith("_") else name  # systemd's escape for names that the kernel uses
        if not plain.endswith(".slice"):
            return plain if _UNIT.fullmatch(plain) else ""
    return ""


def _container(names: t.List[str]) -> str:
    """The outermost: it is the one that an engine of this host knows."""
    for i, name in enumerate(names):
        match = _ID.fullmatch(name)
        if match:
            return match.group(1)
        if name in _LXC and i + 1 < len(names):
            return names[i + 1]
        if name.startswith("lxc.payload."):
            return name[len("lxc.payload.") :]
    return ""
