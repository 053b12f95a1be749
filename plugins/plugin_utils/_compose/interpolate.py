# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Variables in texts: $NAME, ${NAME}, ${NAME:-default}, ${NAME-default}, ${NAME:?why}, ${NAME?why}, ${NAME:+instead},
${NAME+instead}, nested in each other, and $$ for a dollar sign.

Source: compose-spec, 12-interpolation.md; compose-go, template/template.go.
"""

from __future__ import annotations

import re
import typing as t

Variables = t.Mapping[str, str]

MAX_DEPTH = 100  # of variables in the words of variables
MAX_LENGTH = 1_000_000  # characters: a few lines of variables of variables can stand for billions

_NAME = r"[_a-zA-Z][_a-zA-Z0-9]*"
_VARIABLE = re.compile(rf"\$(?:(?P<escaped>\$)|(?P<named>{_NAME})|(?P<opened>\{{))")
_BRACED = re.compile(rf"(?P<name>{_NAME})(?:(?P<operator>:?[-+?])(?P<word>.*))?", re.DOTALL)


class TemplateError(ValueError):
    """A text whose variables cannot be put in. The message quotes it."""


def interpolated(text: str, variables: Variables, unset: t.Callable[[str], None], depth: int = 0) -> str:
    """The text with its variables' values; `unset` is told each that has none and no default. Raises TemplateError."""
    if depth > MAX_DEPTH:
        raise TemplateError(f"{text[:40]!r} and so on has variables nested deeper than {MAX_DEPTH} levels")
    parts, place, left = [], 0, MAX_LENGTH
    while match := _VARIABLE.search(text, place):
        parts.append(text[place : match.start()])
        place = match.end()
        if match["escaped"]:
            parts.append("$")
        elif match["named"]:
            parts.append(_value(match["named"], variables, unset))
        else:
            end = _closing(text, place)
            parts.append(_braced(text, text[place:end], variables, unset, depth))
            place = end + 1
        left -= len(parts[-1])
        if left < 0:
            raise TemplateError(f"{text[:40]!r} and so on is longer than {MAX_LENGTH} characters with its variables")
    return "".join([*parts, text[place:]])


def _closing(text: str, place: int) -> int:
    """Where the brace that was opened just before `place` is closed. Raises TemplateError.

    As Compose counts: on one line, the character after a brace is not looked at, and where the count never comes to
    nothing it is the line's last brace.
    """
    line_end = text.find("\n", place)
    last = text.rfind("}", place, line_end if line_end >= 0 else len(text))
    if last < 0:
        raise TemplateError(f"{text!r} has a ${{ that is not closed; $$ stands for a dollar sign")
    depth, at = 1, place + 1
    while at <= last:
        if text[at] == "}":
            depth -= 1
            if not depth:
                return at
        elif text[at] == "{":
            depth += 1
            at += 1
        at += 1
    return last


def _braced(text: str, inner: str, variables: Variables, unset: t.Callable[[str], None], depth: int) -> str:
    match = _BRACED.fullmatch(inner)
    if not match:
        expected = "expected ${NAME}, ${NAME:-default}, ${NAME:?why} or ${NAME:+instead}; $$ stands for a dollar sign"
        raise TemplateError(f"{text!r} has ${{{inner}}}: {expected}")
    name, operator = match["name"], match["operator"] or ""
    value = variables.get(name)
    if operator == "":
        return _value(name, variables, unset)
    word = interpolated(match["word"], variables, unset, depth + 1)
    there = value is not None and (value != "" or ":" not in operator)
    if operator[-1] == "+":
        return word if there else value or ""
    if there:
        return value or ""
    if operator[-1] == "?":
        raise TemplateError(f"{text!r} needs variable {name}, which has no value{f': {word}' if word else ''}")
    return word


def _value(name: str, variables: Variables, unset: t.Callable[[str], None]) -> str:
    if name not in variables:
        unset(name)
    return variables.get(name, "")
