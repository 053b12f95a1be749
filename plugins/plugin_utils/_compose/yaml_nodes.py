# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""YAML's text to its nodes, aliases as the very nodes that they stand for."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

import yaml

from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.problem import ComposeError, where

MAX_DEPTH = 100
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
TEXT_TAG = "tag:yaml.org,2002:str"
_READ = tuple(f"tag:yaml.org,2002:{kind}" for kind in ("int", "float", "bool", "null"))


@dataclass
class Node:
    """A node of YAML. children: items of a sequence; keys and values of a mapping, in turn."""

    kind: str
    line: int
    tag: str = ""
    text: str = ""
    plain: bool = False
    children: list[Node] = field(default_factory=list)


def roots(text: str, file: str) -> list[Node]:
    """The node of every document. Raises ComposeError with file and line."""
    try:
        return _Composer(file).roots(yaml.parse(text, Loader=_LOADER))
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        line = f"line {mark.line + 1}: " if mark else ""
        raise ComposeError(f"{where(file)}{line}{getattr(exc, 'problem', None) or exc}") from None


class _Composer:
    """Events to nodes, with a stack and not by recursion: the depth is the text's."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.anchors: dict[str, Node] = {}
        self.stack: list[Node] = []
        self.found: list[Node] = []

    def roots(self, events: t.Iterable[t.Any]) -> list[Node]:
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                self.anchors = {}
            elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
                self.stack.pop()
            elif isinstance(event, yaml.NodeEvent):
                self._add(event)
        return self.found

    def _add(self, event: t.Any) -> None:
        node = self.anchors.get(event.anchor) if isinstance(event, yaml.AliasEvent) else _node(event)
        if node is None:
            raise self._refusal(event, f"no anchor has the name {event.anchor!r}")
        (self.stack[-1].children if self.stack else self.found).append(node)
        if isinstance(event, yaml.AliasEvent):
            return
        if event.anchor:
            self.anchors[event.anchor] = node
        if node.kind != "scalar":
            self.stack.append(node)
            if len(self.stack) > MAX_DEPTH:
                raise self._refusal(event, f"nested deeper than {MAX_DEPTH} levels")

    def _refusal(self, event: t.Any, text: str) -> ComposeError:
        return ComposeError(f"{where(self.file)}line {event.start_mark.line + 1}: {text}")


def _node(event: t.Any) -> Node:
    line = event.start_mark.line + 1
    if isinstance(event, yaml.ScalarEvent):
        plain = event.tag in _READ or (not event.style and event.tag not in ("!", TEXT_TAG))
        return Node("scalar", line, event.tag or "", event.value, plain)
    return Node("sequence" if isinstance(event, yaml.SequenceStartEvent) else "mapping", line, event.tag or "")
