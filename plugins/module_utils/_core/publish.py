# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Every way people write a published port, to wants and back.

* text as `docker run -p` and Compose's short form take it, and a bare binding (`port_spec.py`)
* text as `docker service create --publish` takes it: published=8080,target=80,protocol=tcp,mode=host
* a whole number: a container port for which the engine chooses the host port
* a mapping: Compose's long form, or the words of community.docker.docker_swarm_service
* a mapping of `publish`, one of the above, with `by` and `replica`: a want of somebody else than the rest
* a mapping of a whole container or service in Ansible's own words (`task_words.py`): a want for each port it publishes

Any other entry is one want: a range stays one want. Where the engine chooses, the binding's ports are 0 and 0, and
`targets` says how many ports it will choose.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.base_60 import looks_like_base_60
from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import ANY, MAX_PORT
from ansible_collections.dockmaster.ports.plugins.module_utils._core.port_spec import (
    FORM,
    PortSpec,
    PublishError,
    binding_of,
    length,
    published,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish_mapping import spec_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.task_words import asked_by, is_task
from ansible_collections.dockmaster.ports.plugins.module_utils._core.want import Want

_PAIRS = re.compile(r"[A-Za-z_]+=[^,=]*(,[A-Za-z_]+=[^,=]*)*")


def wants_of(publish: t.Any, by: str = "") -> t.Tuple[Want, ...]:
    """The wants of all entries, in their order; a single text, number or mapping is a list of one.

    Raises PublishError for the first entry that is none; nothing is guessed and nothing left out.
    """
    if isinstance(publish, (str, int, float, t.Mapping)):
        publish = [publish]
    if not isinstance(publish, t.Iterable) or isinstance(publish, bytes):
        raise PublishError(f"{publish!r} is not a list of published ports: expected one such as ['8080:80']")
    by = _somebody(by)
    return tuple([want for one in publish for want in _wants_of_entry(one, by)])


def _wants_of_entry(entry: t.Any, by: str) -> t.Iterator[Want]:
    if not isinstance(entry, t.Mapping) or not is_task(entry):
        yield want_of(entry, by)
        return
    asked = asked_by(entry, by)
    for one in asked.entries:
        try:
            yield want_of(one, asked.by)
        except PublishError as exc:
            raise PublishError(f"{asked.by}: {exc}") from exc


def want_of(entry: t.Any, by: str = "") -> Want:
    """The want of one entry. Raises PublishError."""
    if isinstance(entry, t.Mapping):
        return _of_somebody(entry, by) if "publish" in entry else _of_mapping(entry, by)
    if isinstance(entry, str):
        if _PAIRS.fullmatch(entry):
            return _of_mapping(dict(pair.split("=", 1) for pair in entry.split(",")), by)
        return _want(published(entry), by, publish=entry)
    if isinstance(entry, int) and not isinstance(entry, bool):
        return _want(_of_number(entry), by, publish=str(int(entry)))
    raise PublishError(f"{entry!r} ({type(entry).__name__}) is not a published port: expected {FORM}")


def text_of(want: Want) -> str:
    """The want in words that `wants_of` reads to the same binding, choice, targets and mode."""
    if not want.target:
        return str(want.binding)
    host = (want.binding.first, want.binding.last)
    container = (want.target, want.target + want.targets - 1)
    return text_of_spec(PortSpec(want.binding.ip, want.binding.protocol, host, container), want.mode)


def text_of_spec(spec: PortSpec, mode: str = "") -> str:
    """A published port in the short form; with a mode in the form of `docker service create --publish`."""
    if spec.container is None:
        return str(binding_of(spec))
    host, target = _range(spec.host) if spec.host[0] else "", _range(spec.container)
    ip = "" if spec.ip == ANY else spec.ip
    if mode:
        pairs = {"published": host, "target": target, "host_ip": ip, "protocol": spec.protocol, "mode": mode}
        return ",".join(f"{key}={value}" for key, value in pairs.items() if value)
    protocol = "" if spec.protocol == "tcp" else f"/{spec.protocol}"
    address = f"[{ip}]:" if ":" in ip else f"{ip}:" if ip else ""
    return f"{address}{host}:{target}{protocol}" if address or host else target + protocol


def _of_somebody(entry: t.Mapping[t.Any, t.Any], by: str) -> Want:
    for key in entry:
        if key not in ("publish", "by", "replica"):
            raise PublishError(f"{key!r} is not a key beside publish: expected by and replica")
    by, replica = _somebody(entry.get("by", by)), entry.get("replica", 1)
    if isinstance(replica, bool) or not isinstance(replica, int) or replica < 1:
        raise PublishError(f"{replica!r} is not the number of a replica: expected 1 or more")
    if isinstance(entry["publish"], t.Mapping) and "publish" in entry["publish"]:
        raise PublishError(f"{entry['publish']!r} has publish within publish: expected {FORM}")
    return dataclasses.replace(want_of(entry["publish"], by), replica=replica)


def _somebody(by: t.Any) -> str:
    if not isinstance(by, str):
        raise PublishError(f"{by!r} ({type(by).__name__}) is not text: it is by, expected one such as shop/web")
    return by


def _of_mapping(entry: t.Mapping[t.Any, t.Any], by: str) -> Want:
    spec, mode = spec_of(entry)
    want = _want(spec, by, mode=mode)
    return dataclasses.replace(want, publish=text_of(want))


def _want(spec: PortSpec, by: str, publish: str = "", mode: str = "") -> Want:
    choice = "any" if spec.any_of_host else "all"
    if spec.container is None:
        return Want(binding_of(spec), publish, by, choice, mode=mode)
    return Want(binding_of(spec), publish, by, choice, spec.container[0], mode, length(spec.container))


def _of_number(number: int) -> PortSpec:
    """A container port. Raises PublishError where it can be none, or looks like one that YAML read in base 60."""
    meant = looks_like_base_60(number)
    if meant:
        raise PublishError(
            f"{number} is {meant} as YAML reads it without quotes, in base 60: "
            f'write "{meant}" in quotes, or "{number}" in quotes if container port {number} is meant'
            if number <= MAX_PORT
            else f"{number} is not a container port within 1-{MAX_PORT}, but {meant} as YAML reads it without quotes, "
            f'in base 60: write "{meant}" in quotes'
        )
    if not 1 <= number <= MAX_PORT:
        raise PublishError(f"{number} is not a container port within 1-{MAX_PORT}: expected {FORM}")
    return PortSpec(ANY, "tcp", (0, 0), (number, number))


def _range(pair: t.Tuple[int, int]) -> str:
    return str(pair[0]) if pair[0] == pair[1] else f"{pair[0]}-{pair[1]}"
