# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""daemon.json as it lies on the disk."""

from __future__ import annotations

import os
import stat
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.json_edit import Change, edit
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.json_text import JsonError, Node, parse

BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_NEW = "{}\n"


class DocumentError(ValueError):
    """A file that cannot be changed in place. The message has its path, and line and column where there are such."""


@dataclass(frozen=True)
class Document:
    """path: what symbolic links lead to. raw: its bytes, None without a file. text: without a byte order mark."""

    path: str
    raw: t.Optional[bytes]
    text: str
    config: t.Dict[str, t.Any]

    @property
    def has_bom(self) -> bool:
        return self.raw is not None and self.raw.startswith(BOM)

    def changed(self, changes: t.Sequence[Change]) -> Document:
        """The same with changes; an empty file becomes one with an object. raw stays what is on the disk."""
        if not changes:
            return self
        text = edit(self.text if self.text.strip() else _NEW, changes)
        return Document(self.path, self.raw, text, parse(text).value)

    def encoded(self) -> bytes:
        return (BOM if self.has_bom else b"") + self.text.encode("utf-8")


def load(path: str) -> Document:
    """A file that is missing or empty holds an empty object. Raises DocumentError."""
    real = os.path.realpath(path)
    raw = read(real)
    text = _decoded(real, raw or b"")
    if not text.strip():
        return Document(real, raw, text, {})
    return Document(real, raw, text, _object(real, text).value)


def read(path: str) -> t.Optional[bytes]:
    """None where there is no file. Raises DocumentError."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise DocumentError(f"{path} is not a file")
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise DocumentError(f"{path}: {(exc.strerror or str(exc)).lower()}") from exc


def _decoded(path: str, raw: bytes) -> str:
    if raw.startswith(_UTF16):
        raise DocumentError(f"{path} is UTF-16: save it as UTF-8")
    content = raw[len(BOM) if raw.startswith(BOM) else 0 :]
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as exc:
        before = content[: exc.start]
        line, column = before.count(b"\n") + 1, len(before.rpartition(b"\n")[2].decode("utf-8")) + 1
        raise DocumentError(
            f"{path}: line {line}, column {column}: a byte that is no UTF-8 (0x{content[exc.start]:02x})"
        ) from exc


def _object(path: str, text: str) -> Node:
    try:
        root = parse(text)
    except JsonError as exc:
        raise DocumentError(f"{path}: {exc}; the line is {_line(text, exc.line)!r}") from exc
    if not isinstance(root.value, dict):
        raise DocumentError(f"{path} holds {type(root.value).__name__}: expected an object, such as {{}}")
    return root


def _line(text: str, number: int) -> str:
    lines = text.split("\n")
    return lines[number - 1].rstrip("\r")[:80]
