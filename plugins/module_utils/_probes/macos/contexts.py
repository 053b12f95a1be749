# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Where the engines of a Mac listen: sockets that a user's contexts name, and those of Docker Desktop.

Each works in a virtual machine, and a program of its (Docker Desktop's backend, limactl, OrbStack Helper) opens the
ports that it publishes on the Mac. Contexts that lead to other hosts are no engines of this one.
Source: docker/cli, cli/context/store; Docker Desktop, Colima, OrbStack, Rancher Desktop and Podman name contexts so.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Refused, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_places import UNIX, Place
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_values import text

_HOMES = "/Users"
_ROOTS = "/var/root"
_DEFAULT = "/var/run/docker.sock"  # a link to a user's socket, where Docker Desktop's settings allow it


def places(host: Host) -> t.Tuple[t.Tuple[Place, ...], bool]:
    """Every engine's socket that is there, and whether other users may have more of them."""
    named: t.List[str] = []
    hidden = False
    for home in _homes(host):
        try:
            named += _of_user(host, f"{home}/.docker")
        except Refused:
            hidden = True
    known: t.Dict[str, str] = {}
    for path in [*named, _DEFAULT]:
        known.setdefault(_resolved(host, path), path)
    found = (path for same, path in known.items() if _is_there(host, same))
    return tuple(Place(UNIX + path, elsewhere=True) for path in found), hidden


def _homes(host: Host) -> t.List[str]:
    try:
        users = sorted(name for name in host.names(_HOMES) if not name.startswith("."))
    except Unseen:
        users = []
    return [*(f"{_HOMES}/{name}" for name in users), _ROOTS]


def _of_user(host: Host, folder: str) -> t.Iterator[str]:
    """Paths of sockets. Raises Refused if this user may not look."""
    if "docker.sock" in _names(host, f"{folder}/run"):
        yield f"{folder}/run/docker.sock"
    for name in sorted(_names(host, f"{folder}/contexts/meta")):
        endpoint = _endpoint(host, f"{folder}/contexts/meta/{name}/meta.json")
        if endpoint.startswith(UNIX):
            yield endpoint[len(UNIX) :]


def _endpoint(host: Host, path: str) -> str:
    """Empty for a context that is none of Docker's."""
    try:
        return text(json.loads(host.read(path)), "Endpoints", "docker", "Host")
    except (Unseen, ValueError, RecursionError):
        return ""


def _names(host: Host, folder: str) -> t.List[str]:
    try:
        return host.names(folder)
    except Refused:
        raise
    except Unseen:
        return []


def _resolved(host: Host, path: str) -> str:
    try:
        target = host.link(path)
    except Unseen:
        return path
    return target if target.startswith("/") else f"{path.rpartition('/')[0]}/{target}"


def _is_there(host: Host, path: str) -> bool:
    folder, _slash, name = path.rpartition("/")
    try:
        return name in host.names(folder)
    except Refused:  # whoever calls it is told
        return True
    except Unseen:
        return False
