# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""YAML as Compose reads it: its scalars, merge keys, several documents, and the tags !reset and !override.

Source: compose-spec, 13-merge.md; go-yaml v3.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.problem import ComposeError, where
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.scalars import value_of
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.yaml_nodes import (
    MAX_DEPTH,
    TEXT_TAG,
    Node,
    roots,
)

Path = tuple[str, ...]

MAX_VALUES = 200_000  # values that aliases make: a few lines can stand for billions


@dataclass(frozen=True)
class Document:
    """The data of one document, and the paths at which earlier files' values are dropped: !reset and !override."""

    data: t.Any
    resets: tuple[Path, ...]


def documents(text: str, file: str) -> list[Document]:
    """Every document that is not empty. Raises ComposeError with file and line."""
    return [document for document in (_Reader(file).document(root) for root in roots(text, file)) if document]


class _Reader:
    """Nodes to data, noting what is reset on the way."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.resets: list[Path] = []
        self.taken: set[tuple[int, str]] = set()  # mappings, and keys of theirs that !reset took out
        self.inside: list[int] = []
        self.values = 0

    def document(self, root: Node) -> Document | None:
        data = self._value(root, ())
        empty = data is None and root.kind == "scalar"
        return None if empty else Document(data, tuple(dict.fromkeys(self.resets)))

    def _value(self, node: Node, path: Path) -> t.Any:
        self.values += 1
        if self.values > MAX_VALUES:
            raise self._refusal(node, f"more than {MAX_VALUES} values, most of them by aliases")
        if node.tag == "!override":
            self.resets.append(path)
        if node.kind == "scalar":
            return value_of(node.text) if node.plain else node.text
        if id(node) in self.inside:
            raise self._refusal(node, "an anchor contains an alias of itself")
        if len(self.inside) >= MAX_DEPTH:
            raise self._refusal(node, f"nested deeper than {MAX_DEPTH} levels")
        self.inside.append(id(node))
        value = self._mapping(node, path) if node.kind == "mapping" else self._sequence(node, path)
        self.inside.pop()
        return value

    def _sequence(self, node: Node, path: Path) -> list[t.Any]:
        items = [child for child in node.children if child.tag != "!reset"]
        return [self._value(child, (*path, str(place))) for place, child in enumerate(items)]

    def _mapping(self, node: Node, path: Path) -> dict[t.Any, t.Any]:
        own: dict[t.Any, t.Any] = {}
        merged: list[t.Any] = []
        lines: dict[str, int] = {}
        for key_node, child in zip(node.children[::2], node.children[1::2], strict=True):
            if key_node.text in lines:
                first = lines[key_node.text]
                raise self._refusal(key_node, f"key {key_node.text!r} is there already at line {first}")
            lines[key_node.text] = key_node.line
            if key_node.text == "<<" and key_node.tag in ("", TEXT_TAG):
                merged.append(self._value(child, path))
            elif child.tag == "!reset":
                self._take_out(node, (*path, key_node.text))
            else:
                own[self._key(key_node, path)] = self._value(child, (*path, key_node.text))
        return {**self._merged(node, merged), **own}

    def _take_out(self, node: Node, path: Path) -> None:
        """Compose takes the value out when it first meets the mapping, so an alias of the mapping resets nothing."""
        if (id(node), path[-1]) not in self.taken:
            self.taken.add((id(node), path[-1]))
            self.resets.append(path)

    def _key(self, node: Node, path: Path) -> str:
        key = self._value(node, path)
        if not isinstance(key, str):
            place = f" in {'.'.join(path)}" if path else ""
            raise self._refusal(node, f"key {key!r}{place} is not text: put it in quotes")
        return key

    def _merged(self, node: Node, values: list[t.Any]) -> dict[t.Any, t.Any]:
        """What `<<` brings in; of several, the first that has a key gives it."""
        found: dict[t.Any, t.Any] = {}
        for value in values:
            for one in value if isinstance(value, list) else [value]:
                if not isinstance(one, dict):
                    raise self._refusal(node, "<< takes a mapping, or a list of mappings")
                found = {**one, **found}
        return found

    def _refusal(self, node: Node, text: str) -> ComposeError:
        return ComposeError(f"{where(self.file)}line {node.line}: {text}")
