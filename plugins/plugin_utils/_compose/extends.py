# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""`extends`: a service that begins with another one's keys, of the same file or of another.

Source: compose-go, loader/extends.go; compose-spec, 05-services.md, extends.
"""

from __future__ import annotations

import posixpath
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose import keys
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.files import (
    Context,
    Services,
    dropped,
    read,
    services_in,
    within,
)
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.problem import ComposeError, where
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.service import Service, check_keys, merged
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.yaml_tree import Path

MAX_WAY = 100


@dataclass(frozen=True)
class Layer:
    """The services of one file. folder: what `extends.file` in it is relative to: the project's for a file of the
    project, its own for a file that was reached by `extends`. reached: whether it was."""

    file: str
    folder: str
    services: Services
    resets: tuple[Path, ...] = ()
    reached: bool = False


def extended(layer: Layer, context: Context) -> Services:
    """Every service with what it extends. Raises ComposeError."""
    _warn_of_chance(layer, context)
    return {name: _extended(name, layer, context, (), True) for name in layer.services}


def _warn_of_chance(layer: Layer, context: Context) -> None:
    """Of a service between two others of its file, Compose 2.40 heeds !reset and !override in one run and not in the
    next: it depends on which of the services it happens to read first."""
    marked = {path[1] for path in layer.resets if path[:1] == ("services",) and len(path) > 2}
    for name, service in layer.services.items():
        between = _same_file(service)
        if between in marked and (layer.services.get(between) or {}).get("extends"):
            context.warn(
                f"{where(layer.file, between)}Compose heeds its !reset and !override in some runs and not in others, "
                f"for {name} extends it in the same file"
            )


def _same_file(service: Service | None) -> str:
    """The service of its own file that it extends; empty where there is none."""
    base = (service or {}).get("extends")
    return base if isinstance(base, str) else str(base.get("service", "")) if base and not base.get("file") else ""


def _extended(
    name: str, layer: Layer, context: Context, way: tuple[tuple[str, str], ...], heeded: bool
) -> Service | None:
    """heeded: whether !reset and !override of the service count. In a file that was reached, those of the service that
    it was reached for do, and those of the services that this one extends do not."""
    service = layer.services[name]
    if service is None or service.get("extends") is None:
        return service
    place = where(layer.file, name, "extends")
    way = (*way, (layer.file, name))
    if way.index(way[-1]) < len(way) - 1:
        circle = ", ".join(f"{one} of {posixpath.basename(file)}" for file, one in way)
        raise ComposeError(f"{place}it goes in a circle: {circle}")
    if len(way) > MAX_WAY:
        raise ComposeError(f"{place}more than {MAX_WAY} services, each of which extends the next")
    other, base_name = _reference(service["extends"], place)
    base_layer = _layer_of(other, layer, context, place) if other else layer
    if base_name not in base_layer.services:
        raise ComposeError(f"{place}there is no service {base_name!r} in {base_layer.file}")
    for rest in (base_layer.services[base_name] or {}).get("rest", ()):
        check_keys(base_name, rest, base_layer.file)
    base = _extended(base_name, base_layer, context, way, bool(other) or not layer.reached)
    own = {key: value for key, value in service.items() if key != "extends"}
    if base is None:
        return own
    if heeded:
        base = dropped({name: base}, layer.resets).get(name, base)
    return merged({key: value for key, value in base.items() if key != "extends"}, own)


def _reference(value: t.Any, place: str) -> tuple[str, str]:
    """File ("" for the same) and service that are extended."""
    if isinstance(value, str):
        return "", value
    wrong = keys.unknown(value, keys.EXTENDS, "extends", extensions=False)
    if wrong:
        raise ComposeError(f"{place}{wrong}")
    file, service = value.get("file"), value.get("service")
    if not isinstance(service, str):
        raise ComposeError(f"{place}{value!r} has no service: expected one such as {{'service': 'base'}}")
    if file is not None and not isinstance(file, str):
        raise ComposeError(f"{place}file: {file!r} is not text")
    return file or "", service


def _layer_of(name: str, layer: Layer, context: Context, place: str) -> Layer:
    """The services of the file that is extended from, its documents one over the other."""
    file = within(layer.folder, name)
    services: Services = {}
    resets: list[Path] = []
    for document in read(file, context, place):
        services = over(dropped(services, document.resets), services_in(document, file, strict=False))
        resets += document.resets
    return Layer(file, posixpath.dirname(file), services, tuple(resets), reached=True)


def over(below: Services, above: Services) -> Services:
    """The services of two files, or of two documents, as one."""
    result = dict(below)
    for name, service in above.items():
        base = result.get(name)
        result[name] = merged(base, service) if base is not None and service is not None else base or service
    return result
