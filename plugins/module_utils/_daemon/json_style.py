# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""How a JSON text is laid out, and new values laid out alike."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.json_text import Node


@dataclass(frozen=True)
class Style:
    """newline: "\\n" or "\\r\\n", empty where the whole text is one line. indent: of one level.

    colon, comma: what stands between key and value, and between two that share a line.
    tall_lists: lists of plain values have a line an item.
    """

    newline: str = "\n"
    indent: str = "  "
    colon: str = ": "
    comma: str = ", "
    tall_lists: bool = False

    def write(self, value: t.Any, level: int) -> str:
        """A value whose first line stands at a level of indentation."""
        if isinstance(value, dict) and value:
            parts = [self.member(key, one, level + 1) for key, one in value.items()]
            return self._wrap("{", parts, "}", level)
        if isinstance(value, list) and value:
            parts = [self.write(one, level + 1) for one in value]
            plain = not any(isinstance(one, (dict, list)) for one in value)
            if plain and not self.tall_lists:
                return "[" + self.comma.join(parts) + "]"
            return self._wrap("[", parts, "]", level)
        return _text(value)

    def member(self, key: str, value: t.Any, level: int) -> str:
        """A key with its value, on a line at a level."""
        return _text(key) + self.colon + self.write(value, level)

    def inline(self) -> Style:
        """The same on one line."""
        return Style("", self.indent, self.colon, self.comma)

    def line(self, level: int) -> str:
        """What leads to the next line at a level; empty in a text of one line."""
        return self.newline + self.indent * level if self.newline else ""

    def _wrap(self, opening: str, parts: t.Sequence[str], closing: str, level: int) -> str:
        if not self.newline:
            return opening + self.comma.join(parts) + closing
        between = "," + self.line(level + 1)
        return opening + self.line(level + 1) + between.join(parts) + self.line(level) + closing


def _text(value: t.Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def style_of(text: str, root: Node) -> Style:
    """From what is there already; where it tells nothing, as Docker's documentation writes the file."""
    newline = "\r\n" if "\r\n" in text else "\n"
    if root.members and "\n" not in text[root.start : root.end]:
        newline = ""
    default = Style(newline)
    lists = [node for node in _nodes(root) if len(node.items) > 1]
    return Style(
        newline,
        _indent(text, root) or default.indent,
        _colon(text, root) or default.colon,
        _comma(text, root) or default.comma,
        bool(lists) and all("\n" in text[node.start : node.end] for node in lists),
    )


def _nodes(node: Node) -> t.Iterator[Node]:
    yield node
    for child in [one.node for one in node.members] + list(node.items):
        yield from _nodes(child)


def lead(text: str, at: int) -> str:
    """The white space right before a place."""
    return text[len(text[:at].rstrip(" \t\r\n")) : at]


def _indent(text: str, root: Node) -> str:
    first = lead(text, root.members[0].start) if root.members else ""
    return first.rpartition("\n")[2] if "\n" in first else ""


def _colon(text: str, root: Node) -> str:
    between = text[root.members[-1].end : root.members[-1].node.start] if root.members else ""
    return "" if "\n" in between else between


def _comma(text: str, root: Node) -> str:
    """Between two that share a line, wherever there are such."""
    for node in _nodes(root):
        places = [(one.start, one.node.end) for one in node.members] or [(one.start, one.end) for one in node.items]
        for (_start, end), (start, _end) in zip(places, places[1:]):
            if "\n" not in text[end:start]:
                return text[end:start]
    return "," if root.members and _colon(text, root) == ":" else ""
