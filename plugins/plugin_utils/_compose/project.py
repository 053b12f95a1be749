# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A Compose project: its name, and the services that would be started.

Source: compose-go, cli/options.go, loader/loader.go and loader/validate.go.
"""

from __future__ import annotations

import posixpath
import typing as t
from dataclasses import dataclass, field

from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.extends import Layer, extended, over
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.files import (
    Context,
    Services,
    check_top,
    dropped,
    read,
    services_in,
    within,
)
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.include import context_of, includes_of, joined
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.problem import ComposeError, where
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.project_name import name_of
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.service import (
    Service,
    check_types,
    check_whole,
)
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.source import Source
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.variables import read_env_files

NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
OVERRIDES = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)
DEFINITION = "definition"  # stands for the file where the project is given as data


@dataclass(frozen=True)
class Request:
    """What `docker compose` is told. files, env_files: relative to `folder`, which is the first file's where empty.

    variables: the shell's. definition: the project as data instead of in files.
    """

    files: tuple[str, ...] = ()
    folder: str = ""
    env_files: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    name: str = ""
    variables: t.Mapping[str, str] = field(default_factory=dict)
    definition: t.Mapping[str, t.Any] | None = None


@dataclass(frozen=True)
class Project:
    """services: those that would be started, by name. warnings: what a person should know of."""

    name: str
    services: t.Mapping[str, Service]
    warnings: tuple[str, ...]


def project_of(request: Request, source: Source) -> Project:
    """Raises ComposeError for a project that Compose refuses."""
    context = _context(request, source)
    files = _files(request, context)
    name = name_of(request.name, files, context)
    context.variables["COMPOSE_PROJECT_NAME"] = name
    services = services_of(files, context)
    if not services and not any(read(file, context) for file in files):
        raise ComposeError(f"{where(files[0])}it is empty: expected services")
    profiles = request.profiles or tuple(
        part.strip() for part in context.variables.get("COMPOSE_PROFILES", "").split(",")
    )
    enabled = {name: service for name, service in services.items() if service and _is_enabled(service, profiles)}
    _check(services, enabled)
    return Project(name, enabled, tuple(context.warnings))


def services_of(files: t.Sequence[str], context: Context, place: str = "") -> Services:
    """All services of the files, each merged over those before. Raises ComposeError. place: as of `read`."""
    services: Services = {}
    for file in files:
        for document in read(file, context, place):
            check_top(document, file)
            layer = Layer(file, context.folder, services_in(document, file), document.resets)
            own = extended(layer, context)
            context.opened = (*context.opened, file)
            for one in includes_of(document.data.get("include"), file):
                inner = context_of(one, file, context)
                paths = [within(context.folder, path) for path in one.files]
                own = joined(own, services_of(paths, inner, where(file, key="include")), file)
            services = over(dropped(services, document.resets), own)
            check_types(services, file)
    return services


def _context(request: Request, source: Source) -> Context:
    folder = request.folder or (posixpath.dirname(request.files[0]) if request.files else "")
    if not folder.startswith("/"):
        raise ComposeError(
            f"{folder!r} is not an absolute path: expected a project_dir such as /srv/shop"
            if folder
            else "no project_dir and no file with an absolute path: expected one such as /srv/shop/compose.yaml"
        )
    shell = dict(request.variables)
    env_files = request.env_files or tuple(filter(None, shell.get("COMPOSE_ENV_FILES", "").split(",")))
    variables = dict(shell)
    if env_files or shell.get("COMPOSE_DISABLE_ENV_FILE", "").lower() not in ("1", "t", "true"):
        own = read_env_files([within(folder, name) for name in env_files], folder, shell, source)
        variables = {**own, **shell}
    given = {} if request.definition is None else {posixpath.join(folder, DEFINITION): request.definition}
    return Context(source, folder, variables, given=given)


def _files(request: Request, context: Context) -> list[str]:
    if request.definition is not None:
        return [posixpath.join(context.folder, DEFINITION)]
    named = list(request.files)
    if not named and "COMPOSE_FILE" in context.variables:
        separator = context.variables.get("COMPOSE_PATH_SEPARATOR") or ":"
        named = context.variables["COMPOSE_FILE"].split(separator)
    return [within(context.folder, name) for name in named] or _found(context)


def _found(context: Context) -> list[str]:
    """The file of a usual name in the folder, and its override."""
    found = []
    for names in (NAMES, OVERRIDES):
        there = (within(context.folder, name) for name in names)
        found.append(next((path for path in there if context.source.read(path) is not None), ""))
    if not found[0]:
        raise ComposeError(f"{context.folder}: there is no Compose file: expected one of {', '.join(NAMES)}")
    return [path for path in found if path]


def _is_enabled(service: Service, profiles: t.Sequence[str]) -> bool:
    own = service.get("profiles") or []
    return not own or "*" in profiles or bool(set(own) & set(profiles))


def _check(services: Services, enabled: t.Mapping[str, Service]) -> None:
    """Raises ComposeError for services that are at odds with themselves or with each other."""
    names: dict[str, str] = {}
    for name, service in enabled.items():
        check_whole(name, service)
        place = where(service["file"], name, "network_mode")
        kind, _colon, other = (service.get("network_mode") or "").partition(":")
        if kind == "service" and other not in services:
            raise ComposeError(f"{place}there is no service {other!r} to take the network of")
        if kind == "service" and other not in enabled:
            raise ComposeError(f"{place}service {other!r}, to take the network of, is of profiles that are not started")
        named = service.get("container_name")
        if named and names.setdefault(named, name) != name:
            first = names[named]
            raise ComposeError(
                f"{where(service['file'], name, 'container_name')}{first} has the name {named!r} already"
            )
