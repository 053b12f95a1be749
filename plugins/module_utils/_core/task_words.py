# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A whole container or service in the words of the task that will start it.

* community.docker.docker_container: `name`, `published_ports`, `default_host_ip`, `network_mode`, `state`
* community.docker.docker_swarm_service: `name`, a list of `publish`, `state`
* containers.podman.podman_container, and lists of people's own: `name`, a list of `ports`

Its other keys (image, env, ...) say nothing about ports and are left alone, so that one list serves the check and the
tasks.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.port_spec import PublishError

LISTS = ("published_ports", "publish", "ports")
_IDLE = ("absent", "stopped")  # states in which a container has no port


class Asked(t.NamedTuple):
    """entries: published ports, as `want_of` takes them. by: who wants them."""

    by: str
    entries: t.Tuple[t.Any, ...]


def is_task(entry: t.Mapping[t.Any, t.Any]) -> bool:
    """Whether it is a whole container, not one published port; Compose's long form may have a name, and no list."""
    return "published_ports" in entry or ("name" in entry and ("publish" in entry or "ports" in entry))


def asked_by(entry: t.Mapping[t.Any, t.Any], by: str) -> Asked:
    """What the task publishes, nothing where it starts nothing or has no network of its own. Raises PublishError."""
    name = entry.get("name", by)
    if not isinstance(name, str):
        raise PublishError(f"{name!r} ({type(name).__name__}) is not text: it is name, expected one such as shop")
    keys = [key for key in LISTS if entry.get(key) is not None]
    if len(keys) > 1:
        raise PublishError(f"{name}: {keys[1]} says again what {keys[0]} says: expected one of the two")
    if not keys or entry.get("state") in _IDLE or entry.get("network_mode") in ("host", "none"):
        return Asked(name, ())
    listed = _listed(entry[keys[0]], name, keys[0])
    if listed:
        _check_network(entry.get("network_mode"), f"{name}: {keys[0]}")
    ip = entry.get("default_host_ip") or ""
    return Asked(name, tuple([_at(ip, one, name) for one in listed]))


def _check_network(mode: t.Any, place: str) -> None:
    """Raises PublishError for the network of another container, which the engine refuses beside published ports."""
    if isinstance(mode, str) and mode.startswith("container:"):
        other = mode.partition(":")[2] or "that one"
        raise PublishError(
            f"{place}: a container in the network of another one, {mode!r}, cannot publish ports: "
            f"publish them on {other}"
        )


def _listed(value: t.Any, name: str, key: str) -> t.Sequence[t.Any]:
    if isinstance(value, (str, int, t.Mapping)):
        return [value]
    if not isinstance(value, (list, tuple)):
        raise PublishError(f"{name}: {key}: {value!r} is not a list of published ports: expected one such as 8080:80")
    if "all" in value:
        raise PublishError(f"{name}: {key}: 'all' names no port: expected those that are published, such as 8080:80")
    return value


def _at(ip: str, entry: t.Any, name: str) -> t.Any:
    """The entry, on docker_container's own default address where it says none."""
    if not isinstance(ip, str):
        raise PublishError(f"{name}: default_host_ip: {ip!r} is not an address such as 127.0.0.1")
    if not ip or not isinstance(entry, (str, int)) or isinstance(entry, bool):
        return entry
    text = str(entry)
    if text.count(":") > 1 or text.startswith("["):
        return entry
    host = f"[{ip}]" if ":" in ip else ip
    return f"{host}:{text}" if ":" in text else f"{host}::{text}"
