# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Files of variables: .env and what --env-file names.

Source: compose-go, dotenv/parser.go.
"""

from __future__ import annotations

import re
import typing as t
from collections import ChainMap

from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.interpolate import (
    TemplateError,
    Variables,
    interpolated,
)
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.problem import ComposeError, where

_BLANK = "\t\v\f\r \x85\xa0"  # within a line
_SKIPPED = re.compile(r"\s*(?:#[^\n]*\s*)*")
_EXPORT = re.compile(rf"export[{_BLANK}\n]+")
_NOT_A_KEY = re.compile(rf"[^\w.\-\[\]{_BLANK}]")
_ESCAPE = re.compile(r"\\(0[0-9]{0,3}|[abcfnrtv$\"\\])")
_ESCAPED = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
    '"': '"',
    "$": "$$",
}


def variables_of(text: str, file: str, known: Variables, earlier: Variables) -> dict[str, str]:
    """The variables that the text sets, after `earlier` ones of other files. Raises ComposeError with file and line.

    known: those of the shell, which win over the file's own where one of its values names a variable.
    """
    return _Parser(text.replace("\r\n", "\n"), file, known, dict(earlier)).run()


class _Parser:
    def __init__(self, text: str, file: str, known: Variables, found: dict[str, str]) -> None:
        self.text, self.file, self.known, self.found = text, file, known, found
        self.seen = ChainMap(dict(known), found)  # the shell's win
        self.place = 0

    def run(self) -> dict[str, str]:
        while True:
            self.place = self._end(_SKIPPED)
            if self.place >= len(self.text):
                return self.found
            name, sign = self._name()
            if sign in ("=", ":"):
                self.found[name] = self._value()
            elif name in self.known:
                self.found[name] = self.known[name]

    def _name(self) -> tuple[str, str]:
        """A name, and what follows it: a line with a name alone passes the shell's value on."""
        match = _EXPORT.match(self.text, self.place)
        self.place = match.end() if match else self.place
        end = next((at for at in range(self.place, len(self.text)) if self.text[at] in "=:\n"), len(self.text))
        key, sign = self.text[self.place : end], self.text[end : end + 1]
        wrong = _NOT_A_KEY.search(key)
        if wrong:
            raise self._refusal(f"{(key + sign).strip()!r} has {wrong[0]!r} in the name of a variable")
        name = key.rstrip()
        if re.search(r"\s", name):
            raise self._refusal(f"{name!r} has a blank in the name of a variable")
        self.place = end + 1
        return name, sign

    def _value(self) -> str:
        while self.text[self.place : self.place + 1] and self.text[self.place] in _BLANK:
            self.place += 1
        quote = self.text[self.place : self.place + 1]
        if quote in ("'", '"') and quote:
            return self._quoted(quote)
        end = self.text.find("\n", self.place)
        line = self.text[self.place : end if end >= 0 else len(self.text)]
        self.place = end + 1 if end >= 0 else len(self.text)
        return self._expanded(line.partition(" #")[0].rstrip())

    def _quoted(self, quote: str) -> str:
        match = re.compile(rf"{quote}((?:[^\\{quote}]|\\.)*){quote}", re.DOTALL).match(self.text, self.place)
        if not match:
            raise self._refusal(f"{self._line()!r} has a quote that is not closed")
        self.place = match.end()
        value = match[1].replace(f"\\{quote}", quote)
        return value if quote == "'" else self._expanded(_ESCAPE.sub(_unescaped, value))

    def _expanded(self, value: str) -> str:
        try:
            return interpolated(value, self.seen, lambda _name: None)
        except TemplateError as exc:
            raise self._refusal(str(exc)) from exc

    def _end(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self.text, self.place)
        return match.end() if match else self.place

    def _line(self) -> str:
        return self.text[self.place :].partition("\n")[0]

    def _refusal(self, text: str) -> ComposeError:
        return ComposeError(f"{where(self.file)}line {self.text.count(chr(10), 0, self.place) + 1}: {text}")


def _unescaped(match: re.Match[str]) -> str:
    escape = match[1]
    if escape[0] == "0":
        octal = re.fullmatch("0([0-3][0-7]{2})", escape)
        return chr(int(octal[1], 8)) if octal else f"\\{escape[1:]}"
    return _ESCAPED.get(escape, match[0])


def lookup(variables: t.Mapping[str, t.Any]) -> dict[str, str]:
    """A mapping of variables as Ansible has it, every value as text."""
    return {str(name): _plain(value) for name, value in variables.items()}


def _plain(value: t.Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
