# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What a project is called.

Source: compose-go, loader/loader.go, projectName; cli/options.go.
"""

from __future__ import annotations

import posixpath
import re
import typing as t

from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.files import Context
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.interpolate import TemplateError, interpolated
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.problem import ComposeError, where
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.source import text_of
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.yaml_tree import documents


def name_of(told: str, files: t.Sequence[str], context: Context) -> str:
    """The project's name: as told, as the variables or the files say, or the folder's. Raises ComposeError."""
    name = told or context.variables.get("COMPOSE_PROJECT_NAME", "")
    if name:
        if normalized(name) != name:
            raise ComposeError(
                f"{name!r} is not a name of a project: expected small letters, digits, _ and -, first a letter or digit"
            )
        return name
    said = [(file, said) for file in files for said in _said_names(file, context)]
    file = said[-1][0] if said else files[0]
    try:
        name = interpolated(said[-1][1], context.variables, lambda _name: None) if said else ""
    except TemplateError as exc:
        raise ComposeError(f"{where(file, key='name')}{exc}") from exc
    name = normalized(name if said else posixpath.basename(context.folder))
    if not name:
        raise ComposeError(f"{where(file)}the project has no name: expected a project_name, or name: in the file")
    return name


def _said_names(file: str, context: Context) -> list[str]:
    """What the file's `name` says, not filled."""
    text = None if file in context.given else text_of(context.source, file)
    data = [context.given[file]] if file in context.given else [one.data for one in documents(text or "", file)]
    names = [one["name"] for one in data if isinstance(one, dict) and one.get("name")]
    return [name for name in names if isinstance(name, str)]


def normalized(name: str) -> str:
    """As Compose makes a project's name of a folder's."""
    return re.sub(r"[^a-z0-9_-]", "", name.lower()).lstrip("_-")
