# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A published port as a mapping: Compose's long form, and community.docker.docker_swarm_service's words for it.

Source: compose-spec, 05-services.md, ports, long syntax; docker_swarm_service, option publish.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import PROTOCOLS
from ansible_collections.dockmaster.ports.plugins.module_utils._core.port_spec import (
    PortSpec,
    PublishError,
    even,
    host_address,
    not_a_port,
    ports,
)

SWARM_WORDS = {"published_port": "published", "target_port": "target"}
KEYS = ("name", "target", "published", "host_ip", "protocol", "mode", "app_protocol")
MODES = ("ingress", "host")


def spec_of(entry: t.Mapping[t.Any, t.Any]) -> t.Tuple[PortSpec, str]:
    """What the mapping says, and its mode ("" where it says none). Raises PublishError that names the key at fault."""
    words = _words(entry)
    container = _ports(words, "target", lowest=1)
    if container is None:
        raise PublishError(f"{dict(entry)!r} has no target: expected the container port, such as {_like(words)}")
    host = _ports(words, "published", lowest=0)
    spec = PortSpec(host_address(_text(words, "host_ip"), "host_ip"), _protocol(words), host or (0, 0), container)
    return (spec if host is None else even(spec, str(dict(entry)))), _mode(words)


def _words(entry: t.Mapping[t.Any, t.Any]) -> t.Dict[str, t.Any]:
    words: t.Dict[str, t.Any] = {}
    for key, value in entry.items():
        word = SWARM_WORDS.get(key, key)
        if isinstance(key, str) and key.startswith("x-"):
            continue
        if word not in KEYS:
            raise PublishError(f"{key!r} is not a key of a published port: expected {', '.join(KEYS)}")
        if word in words:
            raise PublishError(f"{key!r} says again what {word!r} says: expected one of the two")
        words[word] = value
    return words


def _ports(words: t.Mapping[str, t.Any], key: str, lowest: int) -> t.Optional[t.Tuple[int, int]]:
    """First and last port; None where nothing is said. 0 is published where the engine chooses."""
    value = words.get(key)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise PublishError(f"{value!r} ({type(value).__name__}) is not a port: it is {key}, expected one such as 8080")
    pair = ports(str(value))
    if pair is None or pair[0] < lowest or (pair[0] == 0 and pair[1] != 0):
        raise not_a_port(str(value), key)
    return pair


def _protocol(words: t.Mapping[str, t.Any]) -> str:
    protocol = _text(words, "protocol").lower() or "tcp"
    if protocol not in PROTOCOLS:
        raise PublishError(f"{words['protocol']!r} is not a protocol: expected tcp, udp or sctp")
    return protocol


def _mode(words: t.Mapping[str, t.Any]) -> str:
    mode = _text(words, "mode")
    if mode and mode not in MODES:
        raise PublishError(f"{mode!r} is not a mode of publishing: expected ingress or host")
    return mode


def _text(words: t.Mapping[str, t.Any], key: str) -> str:
    value = words.get(key)
    if value is not None and not isinstance(value, str):
        raise PublishError(f"{value!r} ({type(value).__name__}) is not text: it is {key}")
    return value or ""


def _like(words: t.Mapping[str, t.Any]) -> str:
    return repr({"target": 80, "published": words.get("published") or 8080})
