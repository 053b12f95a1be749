# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""`include`: projects of their own, with folders and variables of their own, whose services join this one's.

Source: compose-go, loader/include.go; compose-spec, 14-include.md.
"""

from __future__ import annotations

import posixpath
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose import keys
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.files import Context, Services, within
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.problem import ComposeError, where
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.variables import read_env_files


@dataclass(frozen=True)
class Include:
    """One entry. files: the first is the project, the others lie over it. folder: "" where the entry says none."""

    files: tuple[str, ...]
    env_files: tuple[str, ...] = ()
    folder: str = ""


def includes_of(value: t.Any, file: str) -> list[Include]:
    """The entries of `include`. Raises ComposeError."""
    place = where(file, key="include")
    if value is None:
        return []
    if not isinstance(value, list):
        raise ComposeError(f"{place}{value!r} is not a list of files")
    return [_include(one, place) for one in value]


def context_of(one: Include, file: str, outer: Context) -> Context:
    """The context of what is included. Raises ComposeError for an include that leads back to itself."""
    place = where(file, key="include")
    main = within(outer.folder, one.files[0])
    if main in outer.opened:
        circle = ", ".join(posixpath.basename(path) for path in (*outer.opened, main))
        raise ComposeError(f"{place}it goes in a circle: {circle}")
    folder = within(outer.folder, one.folder) if one.folder else posixpath.dirname(main)
    env_files = [within(outer.folder, name) for name in one.env_files]
    own = read_env_files(env_files, folder, outer.variables, outer.source, place)
    variables = {**own, **outer.variables}
    return Context(outer.source, folder, variables, outer.warnings, outer.opened)


def joined(own: Services, imported: Services, file: str) -> Services:
    """Both; a service that both have must be the very same."""
    for name, service in imported.items():
        if name in own and _compared(own[name]) != _compared(service):
            raise ComposeError(f"{where(file, name)}it is defined here, and otherwise by what the file includes")
    return {**imported, **own}


def _compared(service: t.Any) -> t.Any:
    return {key: value for key, value in service.items() if key != "file"} if isinstance(service, dict) else service


def _include(value: t.Any, place: str) -> Include:
    if isinstance(value, str):
        return Include((value,))
    if not isinstance(value, dict):
        raise ComposeError(f"{place}{value!r} is neither a file nor a mapping with path")
    wrong = keys.unknown(value, keys.INCLUDE, "an include", extensions=False)
    if wrong:
        raise ComposeError(f"{place}{wrong}")
    files = _texts(value.get("path"), f"{place}path: ")
    if not files:
        raise ComposeError(f"{place}{value!r} has no path")
    folder = value.get("project_directory")
    if folder is not None and not isinstance(folder, str):
        raise ComposeError(f"{place}project_directory: {folder!r} is not text")
    return Include(files, _texts(value.get("env_file"), f"{place}env_file: "), folder or "")


def _texts(value: t.Any, place: str) -> tuple[str, ...]:
    values = [] if value is None else value if isinstance(value, list) else [value]
    for one in values:
        if not isinstance(one, str):
            raise ComposeError(f"{place}{one!r} is not text")
    return tuple(values)
