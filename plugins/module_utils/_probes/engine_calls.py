# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Calls to one engine."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Engine
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Answer, Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_documents import message, with_info
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_values import Document, decoded, text

_LOG = "see the engine's log"


class Gone(Unseen):
    """The engine does not know of it (any more)."""


class Caller:
    """Asks one engine. engine: what is known of it. folder: where it keeps its data, once it has told.

    After a call that nobody answered there is no other: an engine that hangs costs one timeout.
    """

    def __init__(self, host: Host, engine: Engine) -> None:
        self.engine = engine
        self.folder = ""
        self._host = host
        self._silent: t.Optional[Unseen] = None

    def introduce(self) -> None:
        """Ask the engine what it is. Raises Unseen."""
        answer = self._get("/info")
        info = self._read(answer, "/info", dict)
        self.engine = with_info(self.engine, info, answer.headers)
        self.folder = text(info, "DockerRootDir")

    def mapping(self, path: str) -> Document:
        """Raises Unseen unless the engine answers with a JSON object; Gone if it answers that there is none."""
        document: Document = self._read(self._get(path), path, dict)
        return document

    def list(self, path: str) -> t.List[t.Any]:
        """Raises Unseen unless the engine answers with a JSON list."""
        document: t.List[t.Any] = self._read(self._get(path), path, list)
        return document

    def _get(self, path: str) -> Answer:
        if self._silent:
            raise self._silent
        try:
            return self._host.api(self.engine.endpoint, path)
        except Unseen as exc:
            self._silent = exc
            raise

    def _read(self, answer: Answer, path: str, kind: type) -> t.Any:
        source = f"{self.engine.endpoint}: GET {path}"
        if answer.status != 200:
            error = Gone if answer.status == 404 else Unseen
            raise error(f"{source} was answered with {answer.status}: {message(answer)}", _LOG)
        document = decoded(answer.body, source)
        if not isinstance(document, kind):
            raise Unseen(f"{source} was answered with {type(document).__name__}: expected {kind.__name__}", _LOG)
        return document
