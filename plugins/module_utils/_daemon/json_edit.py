# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""JSON text changed in place: what is not named stays byte for byte, order and layout included."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.json_style import Style, lead, style_of
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.json_text import Node, parse

Path = t.Tuple[str, ...]
GONE = object()  # as a value: the key is to go


@dataclass(frozen=True)
class Change:
    """A key, by its path from the root, and the value that it is to have; GONE removes it."""

    path: Path
    value: t.Any

    @property
    def removes(self) -> bool:
        return self.value is GONE


def edit(text: str, changes: t.Iterable[Change]) -> str:
    """A text with an object at its root, changed. Raises JsonError."""
    for change in changes:
        root = parse(text)
        style = style_of(text, root)
        text = _remove(text, root, change.path) if change.removes else _set(text, root, style, change)
    return text


def _set(text: str, root: Node, style: Style, change: Change) -> str:
    node, level = root, 0
    for depth, key in enumerate(change.path):
        member = node.member(key)
        if member is None or (depth + 1 < len(change.path) and not isinstance(member.node.value, dict)):
            value = _nested(change.path[depth + 1 :], change.value)
            if member:
                return _splice(text, member.node, style.write(value, level + 1))
            return _append_member(text, node, style, level, {key: value})
        node, level = member.node, level + 1
    if isinstance(node.value, list) and isinstance(change.value, list):
        return _set_list(text, node, style, level, change.value)
    return _splice(text, node, style.write(change.value, level))


def _nested(path: Path, value: t.Any) -> t.Any:
    for key in reversed(path):
        value = {key: value}
    return value


def _splice(text: str, node: Node, new: str) -> str:
    return text[: node.start] + new + text[node.end :]


def _set_list(text: str, node: Node, style: Style, level: int, value: t.List[t.Any]) -> str:
    """Appends where the old items stay in front, so that their layout stays too."""
    old = node.value
    if not old or value[: len(old)] != old or len(value) == len(old):
        return _splice(text, node, style.write(value, level))
    tall = "\n" in text[node.start : node.end]
    first = lead(text, node.items[0].start)
    between = "," + first if tall else style.comma
    added = "".join(between + style.write(one, level + 1) for one in value[len(old) :])
    end = node.items[-1].end
    return text[:end] + added + text[end:]


def _append_member(text: str, node: Node, style: Style, level: int, new: t.Dict[str, t.Any]) -> str:
    if not node.members:
        return _splice(text, node, style.write(new, level))
    ((key, value),) = new.items()
    first = lead(text, node.members[0].start)
    if "\n" in first:
        added = "," + first + style.member(key, value, level + 1)
    else:
        added = style.comma + style.inline().member(key, value, level + 1)
    end = node.members[-1].node.end
    return text[:end] + added + text[end:]


def _remove(text: str, root: Node, path: Path) -> str:
    node = root
    for key in path[:-1]:
        member = node.member(key)
        if member is None:
            return text
        node = member.node
    keys = [one.key for one in node.members]
    if path[-1] not in keys:
        return text
    place = keys.index(path[-1])
    if len(keys) == 1:
        return text[: node.start] + "{}" + text[node.end :]
    if place:
        start, end = node.members[place - 1].node.end, node.members[place].node.end
    else:
        start, end = node.members[0].start, node.members[1].start
    return text[:start] + text[end:]
