# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A whole document with its variables put in: values only, never keys.

Source: compose-go, interpolation/interpolation.go and loader/interpolate.go.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.interpolate import (
    TemplateError,
    Variables,
    interpolated,
)
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.problem import ComposeError, where

Path = tuple[str, ...]


class Filled(str):
    """A text that had variables in it. raw: as it was written."""

    raw: str


class Filler:
    """Puts variables into the documents of one file. `warn` is told each variable that has no value."""

    def __init__(self, file: str, variables: Variables, warn: t.Callable[[str], None]) -> None:
        self.file, self.variables, self.warn = file, variables, warn

    def fill(self, value: t.Any, path: Path = ()) -> t.Any:
        """Raises ComposeError with file, service and the text at fault."""
        if isinstance(value, dict):
            return {key: self.fill(one, (*path, key)) for key, one in value.items()}
        if isinstance(value, list):
            return [self.fill(one, (*path, "[]")) for one in value]
        return self._text(value, path) if isinstance(value, str) else value

    def _text(self, value: str, path: Path) -> t.Any:
        place = _place(self.file, path)

        def unset(name: str) -> None:
            self.warn(f"{place}{value!r}: variable {name} is not set, and stands for nothing")

        try:
            text = interpolated(value, self.variables, unset)
        except TemplateError as exc:
            raise ComposeError(f"{place}{exc}") from exc
        if _is_whole(path):
            return _whole(text, value, place)
        if "$" not in value:
            return text
        filled = Filled(text)
        filled.raw = value
        return filled


def _place(file: str, path: Path) -> str:
    if path[:1] == ("services",) and len(path) > 1:
        return where(file, path[1], ".".join(part for part in path[2:] if part != "[]"))
    return where(file, key=".".join(part for part in path if part != "[]"))


def _is_whole(path: Path) -> bool:
    """Whether Compose makes a number of the text at this path, where it has to do with ports."""
    inner = path[2:] if path[:1] == ("services",) else ()
    return inner in (("scale",), ("deploy", "replicas"), ("ports", "[]", "target"))


def _whole(text: str, raw: str, place: str) -> int:
    if not re.fullmatch(r"[-+]?[0-9]{1,18}", text):
        written = f" (written as {raw!r})" if raw != text else ""
        raise ComposeError(f"{place}{text!r} is not a whole number{written}")
    return int(text)
