# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Where the files of a project are read from: the controller, or a target through whoever can fetch from there."""

from __future__ import annotations

import pathlib
import typing as t

from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.problem import ComposeError


class Source(t.Protocol):
    def read(self, path: str) -> bytes | None:
        """The content of a regular file, None where there is none. Raises ComposeError if it cannot be read."""


class Controller:
    """Files of the controller."""

    def read(self, path: str) -> bytes | None:
        try:
            return pathlib.Path(path).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except (OSError, ValueError) as exc:
            raise ComposeError(f"{path}: {getattr(exc, 'strerror', None) or exc}") from None


class Given:
    """Texts that are at hand, by path; what is not among them is not there."""

    def __init__(self, texts: t.Mapping[str, str]) -> None:
        self.texts = texts

    def read(self, path: str) -> bytes | None:
        return self.texts[path].encode("utf-8", "surrogateescape") if path in self.texts else None


def text_of(source: Source, path: str) -> str | None:
    """A file's text without byte order mark, None where there is no such file. Raises ComposeError."""
    content = source.read(path)
    if content is None:
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise ComposeError(f"{path}: byte {exc.start} is not UTF-8") from None
