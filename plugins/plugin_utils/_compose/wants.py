# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The host ports that a project wants, in words that `publish` of port_check takes."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import MAX_PORT
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import text_of_spec
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.entries import Entry, joined
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.problem import ComposeError, where
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.project import Project
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.service import Service, scale_of

_UNPUBLISHED = {
    "host": "it uses the host's network, so its ports are not published and not checked",
    "none": "it has no network, so its ports are not published and not checked",
}


@dataclass(frozen=True)
class ProjectWants:
    wants: tuple[dict[str, t.Any], ...]
    warnings: tuple[str, ...]


def wants_of_project(project: Project) -> ProjectWants:
    """One want an entry of `ports` and container. Raises ComposeError where the engine would refuse to publish."""
    wants: list[dict[str, t.Any]] = []
    warnings = list(project.warnings)
    for name, service in sorted(project.services.items()):
        entries = joined(service.get("ports") or ())
        if entries and _is_published(name, service, warnings):
            scale = scale_of(service)
            if scale > MAX_PORT:
                raise ComposeError(f"{where(service['file'], name)}{scale} containers are more than a host has ports")
            wants += _of_service(f"{project.name}/{name}", entries, scale)
    return ProjectWants(tuple(wants), tuple(warnings))


def _is_published(name: str, service: Service, warnings: list[str]) -> bool:
    mode = service.get("network_mode") or ""
    kind, _colon, other = mode.partition(":")
    if kind in ("service", "container"):
        raise ComposeError(
            f"{where(service['file'], name, 'ports')}a container in the network of another one, {mode!r}, cannot "
            f"publish ports: publish them on {other or 'that one'}"
        )
    if mode in _UNPUBLISHED:
        warnings.append(f"{where(service['file'], name, 'ports')}{_UNPUBLISHED[mode]}")
    return mode not in _UNPUBLISHED


def _of_service(by: str, entries: t.Sequence[Entry], scale: int) -> list[dict[str, t.Any]]:
    wants = []
    for replica in range(1, scale + 1):
        for entry in entries:
            want: dict[str, t.Any] = {"publish": text_of_spec(entry.spec), "by": by}
            wants.append({**want, "replica": replica} if scale > 1 else want)
    return wants
