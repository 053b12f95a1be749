# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The options of a task that name Compose projects."""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.dockmaster.ports.plugins.module_utils._arguments import (
    COMPOSE_ARGUMENTS,
    PROJECT_ARGUMENTS,
)
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.dotenv import lookup
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.on_target import RunModule, Target
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.problem import ComposeError
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.project import Request, project_of
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.source import Controller, Given
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.wants import ProjectWants, wants_of_project


def taken(args: dict[str, t.Any]) -> dict[str, t.Any]:
    """The options that name a project, taken out of a task's. Raises ComposeError for one of a wrong type."""
    own = {name: args.pop(name) for name in COMPOSE_ARGUMENTS if name in args}
    return _checked(own, COMPOSE_ARGUMENTS, "")


def projects_taken(args: dict[str, t.Any]) -> list[dict[str, t.Any]]:
    """As `taken`, for the task's own project if it names one and for those of its list. Raises ComposeError."""
    listed = args.pop("projects", None) or []
    if not isinstance(listed, (list, tuple)) or not all(isinstance(one, t.Mapping) for one in listed):
        raise ComposeError(
            f"projects: {listed!r} is not a list of mappings: expected one such as project_dir: /srv/shop"
        )
    single = taken(args)
    alone = [single] if _is_named(single) or not listed else []
    return [*alone, *(_checked(dict(one), PROJECT_ARGUMENTS, f"projects[{i}]: ") for i, one in enumerate(listed))]


def _checked(own: dict[str, t.Any], spec: dict[str, t.Any], place: str) -> dict[str, t.Any]:
    checked = ArgumentSpecValidator(spec).validate(own)
    if checked.error_messages:
        raise ComposeError(place + "; ".join(checked.error_messages))
    found = dict(checked.validated_parameters)
    if place and not _is_named(found):
        raise ComposeError(f"{place}it names no project: expected project_dir, compose_files or definition")
    return found


def _is_named(options: t.Mapping[str, t.Any]) -> bool:
    return any(options.get(name) for name in ("compose_files", "project_dir", "definition"))


def wants_of_task(
    options: t.Mapping[str, t.Any],
    environment: t.Mapping[str, t.Any],
    absolute: t.Callable[[str], str],
    run: RunModule,
) -> ProjectWants:
    """What the project of the options wants; nothing where they name none. Raises ComposeError.

    environment: the task's. absolute: the path of the controller that a relative one of the playbook means.
    """
    files, folder = options["compose_files"] or [], options["project_dir"] or ""
    definition = options.get("definition")
    if not _is_named(options):
        named = [
            name for name, default in COMPOSE_ARGUMENTS.items() if options[name] not in (None, default.get("default"))
        ]
        if named:
            raise ComposeError(f"{named[0]} goes with compose_files or project_dir, and neither is set")
        return ProjectWants((), ())
    here = not options["remote_src"]
    request = Request(
        files=tuple(absolute(file) if here and not folder else file for file in files),
        folder=absolute(folder) if here and folder else folder or ("/" if definition else ""),
        env_files=tuple(options["env_files"] or ()),
        profiles=tuple(options["profiles"] or ()),
        name=options["project_name"] or "",
        variables=lookup({**environment, **(options.get("environment") or {})}),
        definition=definition,
    )
    if definition and not folder:
        return wants_of_project(project_of(request, Given({})))  # as Compose reads it from a folder of its own
    return wants_of_project(project_of(request, Controller() if here else Target(run)))
