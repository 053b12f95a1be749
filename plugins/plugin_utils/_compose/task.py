# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The options of a task that name a Compose project."""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.dockmaster.ports.plugins.module_utils._arguments import COMPOSE_ARGUMENTS
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.dotenv import lookup
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.on_target import RunModule, Target
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.problem import ComposeError
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.project import Request, project_of
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.source import Controller
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.wants import ProjectWants, wants_of_project


def taken(args: dict[str, t.Any]) -> dict[str, t.Any]:
    """The options that name a project, taken out of a task's. Raises ComposeError for one of a wrong type."""
    own = {name: args.pop(name) for name in COMPOSE_ARGUMENTS if name in args}
    checked = ArgumentSpecValidator(COMPOSE_ARGUMENTS).validate(own)
    if checked.error_messages:
        raise ComposeError("; ".join(checked.error_messages))
    return dict(checked.validated_parameters)


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
    if not files and not folder:
        named = [
            name for name, default in COMPOSE_ARGUMENTS.items() if options[name] not in (None, default.get("default"))
        ]
        if named:
            raise ComposeError(f"{named[0]} goes with compose_files or project_dir, and neither is set")
        return ProjectWants((), ())
    here = not options["remote_src"]
    request = Request(
        files=tuple(absolute(file) if here and not folder else file for file in files),
        folder=absolute(folder) if here and folder else folder,
        env_files=tuple(options["env_files"] or ()),
        profiles=tuple(options["profiles"] or ()),
        name=options["project_name"] or "",
        variables=lookup(environment),
    )
    return wants_of_project(project_of(request, Controller() if here else Target(run)))
