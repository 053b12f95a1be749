# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Requests that change something, to a container engine's API. Each has a stream of its own and is made once."""

from __future__ import annotations

import http.client
import json
import socket
import time
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._engine_api import Tls
from ansible_collections.dockmaster.ports.plugins.module_utils._engine_wire import open_wire
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Answer, Unseen

_MOST = 1 << 20  # bytes of an answer


class Refusal(ValueError):
    """The engine did not do it. The message is the engine's own."""


class EngineAction:
    """timeout: seconds for one request; the engine itself may wait for a container to stop within it."""

    def __init__(self, endpoint: str, tls: t.Optional[Tls] = None, timeout: float = 60.0) -> None:
        self.endpoint = endpoint
        self.timeout = timeout
        self._tls = tls or Tls()

    def post(self, path: str, body: t.Optional[t.Mapping[str, t.Any]] = None) -> Answer:
        """Raises Refusal, Unseen."""
        return self._do("POST", path, body)

    def delete(self, path: str) -> Answer:
        """Raises Refusal, Unseen."""
        return self._do("DELETE", path, None)

    def _do(self, method: str, path: str, body: t.Optional[t.Mapping[str, t.Any]]) -> Answer:
        data = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: docker\r\nUser-Agent: dockmaster.ports\r\nConnection: close\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        try:
            answer = self._exchange(head.encode("ascii") + data, method)
        except (OSError, http.client.HTTPException) as exc:
            raise Unseen(f"{self.endpoint}: {method} {path}: {str(exc).lower() or type(exc).__name__}") from exc
        if answer.status >= 400:
            raise Refusal(_message(answer))
        return answer

    def _exchange(self, request: bytes, method: str) -> Answer:
        wire = open_wire(self.endpoint, self._tls, time.monotonic() + self.timeout)
        try:
            wire.sendall(request)
            response = http.client.HTTPResponse(t.cast(socket.socket, wire), method=method)
            response.begin()
            return Answer(response.status, response.read(_MOST).decode("utf-8", "replace"))
        finally:
            wire.hang_up()


def _message(answer: Answer) -> str:
    try:
        return str(json.loads(answer.body)["message"])
    except (ValueError, KeyError, TypeError):
        return f"the engine answered with status {answer.status}"
