# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A Compose file, read and filled, and the services that it holds.

Source: compose-go, loader/loader.go and reset.go.
"""

from __future__ import annotations

import posixpath
import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose import keys
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.filled import Filler
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.given import given
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.problem import ComposeError, where
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.service import Service, check_keys, service_of
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.source import Source, text_of
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.yaml_tree import Document, Path, documents

Services = dict[str, t.Optional[Service]]

_REMOTE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:/|git@|github\.com/)|\.git(?:#|$)")
_SERVICE_NAME = re.compile(r"[a-zA-Z0-9._-]+")


@dataclass
class Context:
    """What the files of one project, or of one that is included, share.

    folder: what paths in them are relative to. variables: what the shell and the files of variables say.
    opened: files that are being included, the outermost first. given: data at hand instead of a file, by its name.
    """

    source: Source
    folder: str
    variables: dict[str, str]
    warnings: list[str] = field(default_factory=list)
    opened: tuple[str, ...] = ()
    given: t.Mapping[str, t.Any] = field(default_factory=dict)

    def warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)


def within(folder: str, name: str) -> str:
    """The path of a name that is relative to a folder. What names another machine stays as it is."""
    return name if _REMOTE.search(name) else posixpath.normpath(posixpath.join(folder, name))


def read(file: str, context: Context, place: str = "") -> list[Document]:
    """The documents of a file, filled. Raises ComposeError if there is none, or a top level that is no mapping.

    place: where it is named, for a file that another one names.
    """
    found = [given(context.given[file], file)] if file in context.given else _parsed(file, context, place)
    for document in found:
        if not isinstance(document.data, dict):
            raise ComposeError(f"{where(file)}its top level is {type(document.data).__name__}: expected a mapping")
    filler = Filler(file, context.variables, context.warn)
    return [Document(filler.fill(document.data), document.resets) for document in found]


def _parsed(file: str, context: Context, place: str) -> list[Document]:
    text = None if _REMOTE.search(file) else text_of(context.source, file)
    if text is None:
        remote = " here, and files of other machines are not fetched" if _REMOTE.search(file) else ""
        raise ComposeError(f"{place}{file}: there is no such file{remote}")
    return documents(text, file)


def services_in(document: Document, file: str, strict: bool = True) -> Services:
    """The services of a document as they stand. Raises ComposeError.

    strict: for names and keys that Compose does not know, too. It looks at those of a file that is extended from only
    where a service is extended.
    """
    raw = document.data.get("services", {})
    if not isinstance(raw, dict):
        raise ComposeError(f"{where(file, key='services')}{raw!r} is not a mapping of services")
    for name, service in raw.items():
        if strict and not _SERVICE_NAME.fullmatch(name):
            raise ComposeError(f"{where(file)}{name!r} is not a name of a service: expected letters, digits, and . _ -")
        if strict and isinstance(service, dict):
            check_keys(name, service, file)
    return {name: service_of(name, service, file) for name, service in raw.items()}


def check_top(document: Document, file: str) -> None:
    """Raises ComposeError for a key at the top that no Compose file has."""
    wrong = keys.unknown(document.data, keys.TOP, "a Compose file")
    if wrong:
        raise ComposeError(f"{where(file)}{wrong}")


def dropped(services: t.Mapping[str, t.Any], resets: t.Iterable[Path]) -> Services:
    """The services without what !reset and !override of a later file take away."""
    left: dict[str, t.Any] = dict(services)
    for path in resets:
        if path == ("services",):
            left = {}
        elif path[:1] == ("services",):
            left = _without(left, path[1:])
    return left


def _without(mapping: dict[str, t.Any], path: Path) -> dict[str, t.Any]:
    key, *inner = path
    if not inner:
        return {name: value for name, value in mapping.items() if name != key}
    if not isinstance(mapping.get(key), dict):
        return mapping
    return {**mapping, key: _without(mapping[key], tuple(inner))}
