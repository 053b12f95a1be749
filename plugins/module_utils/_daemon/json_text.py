# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""JSON text as a tree that knows where in the text each of its parts stands.

`json` of the standard library forgets it, takes NaN for a number, and lets a key stand twice; here each of these is an
error with line and column.
Source: RFC 8259.
"""

from __future__ import annotations

import json
import re
import typing as t
from dataclasses import dataclass

MAX_DEPTH = 100  # of objects and arrays within each other; no configuration comes near

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None}
_COMMENT = re.compile(r"//|/\*|#")


class JsonError(ValueError):
    """Text that is no JSON, or JSON that two programs may read differently. line, column: from 1."""

    def __init__(self, text: str, at: int, why: str) -> None:
        self.line = text.count("\n", 0, at) + 1
        self.column = at - (text.rfind("\n", 0, at) + 1) + 1
        self.why = why
        super().__init__(f"line {self.line}, column {self.column}: {why}")


@dataclass(frozen=True)
class Member:
    """A key of an object with its value. start, end: of the key, quotes included."""

    key: str
    start: int
    end: int
    node: Node


@dataclass(frozen=True)
class Node:
    """A value that stands at text[start:end]. value: as `json.loads` gives it."""

    start: int
    end: int
    value: t.Any
    members: t.Tuple[Member, ...] = ()
    items: t.Tuple[Node, ...] = ()

    def member(self, key: str) -> t.Optional[Member]:
        return next((one for one in self.members if one.key == key), None)


def parse(text: str) -> Node:
    """The one value that a text is. Raises JsonError."""
    node = _value(text, _skip(text, 0), 0)
    rest = _skip(text, node.end)
    if rest < len(text):
        raise _unexpected(text, rest, "the end")
    return node


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _value(text: str, at: int, depth: int) -> Node:
    if depth > MAX_DEPTH:
        raise JsonError(text, at, f"more than {MAX_DEPTH} objects and arrays within each other")
    if text.startswith("{", at):
        return _object(text, at, depth)
    if text.startswith("[", at):
        return _array(text, at, depth)
    if text.startswith('"', at):
        end = _string_end(text, at)
        return Node(at, end, json.loads(text[at:end]))
    for word, value in _WORDS.items():
        if text.startswith(word, at):
            return Node(at, at + len(word), value)
    number = _NUMBER.match(text, at)
    if number and number.end() > at:
        return Node(at, number.end(), json.loads(number.group()))
    raise _unexpected(text, at, "a value")


def _object(text: str, start: int, depth: int) -> Node:
    members: t.List[Member] = []
    at = _skip(text, start + 1)
    while not text.startswith("}", at):
        if members:
            at = _after_comma(text, at, "}")
        end = _key_end(text, at)
        key = json.loads(text[at:end])
        _refuse_twin(text, at, key, members)
        colon = _skip(text, end)
        if not text.startswith(":", colon):
            raise _unexpected(text, colon, f"':' after the key {key!r}")
        node = _value(text, _skip(text, colon + 1), depth + 1)
        members.append(Member(key, at, end, node))
        at = _skip(text, node.end)
    return Node(start, at + 1, {one.key: one.node.value for one in members}, tuple(members))


def _array(text: str, start: int, depth: int) -> Node:
    items: t.List[Node] = []
    at = _skip(text, start + 1)
    while not text.startswith("]", at):
        if items:
            at = _after_comma(text, at, "]")
        items.append(_value(text, at, depth + 1))
        at = _skip(text, items[-1].end)
    return Node(start, at + 1, [one.value for one in items], (), tuple(items))


def _after_comma(text: str, at: int, close: str) -> int:
    if not text.startswith(",", at):
        raise _unexpected(text, at, f"',' or '{close}'")
    after = _skip(text, at + 1)
    if text.startswith(close, after):
        raise JsonError(text, at, f"a comma before '{close}': JSON has none after the last one")
    return after


def _key_end(text: str, at: int) -> int:
    if not text.startswith('"', at):
        raise _unexpected(text, at, "a key in double quotes")
    return _string_end(text, at)


def _string_end(text: str, at: int) -> int:
    match = _STRING.match(text, at)
    if not match:
        raise JsonError(text, at, "a string that does not end in its line, or has a wrong escape")
    return match.end()


def _refuse_twin(text: str, at: int, key: str, members: t.Sequence[Member]) -> None:
    twin = next((one for one in members if one.key == key), None)
    if twin:
        first = text.count("\n", 0, twin.start) + 1
        raise JsonError(text, at, f"the key {key!r} a second time (first in line {first}): remove one of the two")


def _unexpected(text: str, at: int, expected: str) -> JsonError:
    if at >= len(text):
        return JsonError(text, at, f"the text ends: expected {expected}")
    if _COMMENT.match(text, at):
        return JsonError(text, at, "a comment: JSON has none, and no engine reads this file")
    return JsonError(text, at, f"expected {expected}, but found {text[at : at + 12]!r}")
