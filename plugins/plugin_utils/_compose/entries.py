# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The entries of `ports`: from short and long form to one entry a container port, and back to ranges.

Source: compose-go, transform/ports.go and override/uncity.go.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import ANY, ANY_V4
from ansible_collections.dockmaster.ports.plugins.module_utils._core.port_spec import (
    PortSpec,
    PublishError,
    length,
    published,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish_mapping import spec_of
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose import keys
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.filled import Filled
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.problem import ComposeError

FORM = "[IP:][HOST_PORT:]CONTAINER_PORT[/PROTOCOL], such as 127.0.0.1:8080:80/tcp"


@dataclass(frozen=True)
class Entry:
    """Container ports `target` to `target + count - 1`, each on a host port of its own.

    host: first and last; (0, 0) where the engine chooses. With `count` 1 the host's may be a range, any one of it.
    origin: the words it comes from; what came from one range becomes one again, and nothing else.
    said: address, protocol and host port as Compose compares them.
    """

    ip: str
    protocol: str
    host: tuple[int, int]
    target: int
    count: int = 1
    origin: str = field(default="", compare=False)
    said: tuple[t.Any, ...] = field(default=(), compare=False)

    @property
    def key(self) -> tuple[t.Any, ...]:
        """What Compose takes two entries for one by: no address is 0.0.0.0, so that 0.0.0.0:80:80 replaces 80:80.

        It compares a long form's words as they stand, and the number 8080 with the text "8080" of a short form, which
        is another: it asks the engine for both, and the engine refuses the second.
        """
        return (*self.said, self.target)

    @property
    def spec(self) -> PortSpec:
        return PortSpec(self.ip, self.protocol, self.host, (self.target, self.target + self.count - 1))


def entries_of(values: list[t.Any]) -> list[Entry]:
    """One entry a container port. Raises ComposeError that quotes what is at fault."""
    return [entry for value in values for entry in _single(_said(value), value)]


def unique(entries: t.Iterable[Entry]) -> list[Entry]:
    """The later of two that Compose takes for one, at the earlier's place."""
    found: dict[tuple[t.Any, ...], Entry] = {}
    for entry in entries:
        found[entry.key] = entry
    return list(found.values())


def joined(entries: t.Iterable[Entry]) -> list[Entry]:
    """Entries that come from one range and still follow each other, as ranges."""
    found: list[Entry] = []
    for entry in entries:
        last = found[-1] if found else None
        if last and _follows(last, entry):
            host = (last.host[0], entry.host[1]) if entry.host[0] else (0, 0)
            found[-1] = replace(last, host=host, count=last.count + 1)
        else:
            found.append(entry)
    return found


def _follows(last: Entry, entry: Entry) -> bool:
    same = last.origin == entry.origin and entry.target == last.target + last.count
    return same and (entry.host == (0, 0) or entry.host[0] == last.host[1] + 1)


def _said(value: t.Any) -> PortSpec:
    try:
        return _spec(value)
    except ValueError as exc:
        parts = value.values() if isinstance(value, dict) else [value]
        raws = ", ".join(repr(one.raw) for one in parts if isinstance(one, Filled))
        raise ComposeError(f"{exc}{f' (written as {raws})' if raws else ''}") from exc


def _spec(value: t.Any) -> PortSpec:
    if isinstance(value, dict):
        wrong = keys.unknown(value, keys.PORT, "a published port")
        if wrong:
            raise ComposeError(wrong)
        _check_values(value)
        return spec_of(value)[0]
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise PublishError(f"{value!r} ({type(value).__name__}) is not a published port: expected {FORM}")
    spec = published(str(value))
    if spec.container is None:
        raise PublishError(f"{value!r} has no container port: expected {FORM}")
    return spec


def _check_values(value: dict[str, t.Any]) -> None:
    """Raises PublishError for a key without a value. Compose lets some be an empty text, an address never."""
    for key, one in value.items():
        if key in keys.PORT and (one is None or (one == "" and key == "host_ip")):
            raise PublishError(f"{key}: it is empty: expected a value, or no such key")


def _single(spec: PortSpec, value: t.Any) -> t.Iterator[Entry]:
    container = spec.container or (0, -1)
    for step, target in enumerate(range(container[0], container[1] + 1)):
        several = length(container) > 1 and spec.host[0]
        host = (spec.host[0] + step, spec.host[0] + step) if several else spec.host
        yield Entry(spec.ip, spec.protocol, host, target, origin=str(value), said=_compared(spec, host, value))


def _compared(spec: PortSpec, host: tuple[int, int], value: t.Any) -> tuple[t.Any, ...]:
    if isinstance(value, dict):
        return value.get("host_ip", ANY_V4), value.get("protocol", "tcp"), value.get("published")
    published = None if not host[0] else str(host[0]) if host[0] == host[1] else f"{host[0]}-{host[1]}"
    return ANY_V4 if spec.ip == ANY else spec.ip, spec.protocol, published
