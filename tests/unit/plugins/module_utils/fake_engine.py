# SPDX-License-Identifier: GPL-3.0-or-later
"""A container engine's API on a real unix socket, that says what a test wants it to say."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import re
import socket
import socketserver
import ssl
import tempfile
import threading
import typing as t

Route = t.Union[t.Callable[[], "Reply"], "Reply"]


class Reply(t.NamedTuple):
    """body: text or bytes as they are, anything else as JSON. raw: sent in place of everything HTTP has around it."""

    body: t.Any = ""
    status: int = 200
    headers: t.Mapping[str, str] = {}
    chunked: bool = False
    close: bool = False
    raw: t.Optional[bytes] = None

    def payload(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode("utf-8", "surrogateescape")


NOT_FOUND = Reply({"message": "page not found"}, status=404)


class FakeEngine:
    """path: of its socket; without one it listens on a port of loopback, with TLS if there is a context.

    routes: path of the API, without its version, to a reply or to what makes one.
    calls: what was asked for, with the version. connections: how many streams were opened.
    """

    def __init__(
        self,
        path: str,
        routes: t.Mapping[str, Route],
        api_version: str = "1.41",
        context: t.Optional[ssl.SSLContext] = None,
    ) -> None:
        self.calls: t.List[str] = []
        self.connections = 0
        self.ended = threading.Event()
        self._server = _UnixServer(path, _Handler) if path else _TcpServer(("127.0.0.1", 0), _Handler)
        self.endpoint = f"unix://{path}" if path else f"tcp://127.0.0.1:{self._server.server_address[1]}"
        if context:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._server.engine = self
        self._routes = routes
        self.headers = {"Api-Version": api_version, "Server": "Docker/20.10.24 (linux)"} if api_version else {}
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def reply(self, path: str) -> Reply:
        self.calls.append(path)
        route = self._routes.get(re.sub(r"^/v[0-9.]+", "", path), NOT_FOUND)
        return route if isinstance(route, Reply) else route()

    def hang(self) -> Reply:
        """A route that answers only when the test is over."""
        self.ended.wait(30)
        return NOT_FOUND

    def __enter__(self) -> FakeEngine:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(socketserver.ThreadingMixIn):
    daemon_threads = True
    engine: FakeEngine

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is what some tests do."""


class _UnixServer(_Server, socketserver.UnixStreamServer):
    pass


class _TcpServer(_Server, socketserver.TCPServer):
    pass


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def setup(self) -> None:
        self.server.engine.connections += 1  # type: ignore[attr-defined]
        super().setup()

    def do_GET(self) -> None:
        engine = self.server.engine  # type: ignore[attr-defined]
        reply = engine.reply(self.path)
        if reply.raw is not None:
            self.wfile.write(reply.raw)
            self.close_connection = True
            return
        self._head(reply, engine.headers)
        self._body(reply)

    def _head(self, reply: Reply, headers: t.Mapping[str, str]) -> None:
        self.send_response_only(reply.status)
        for name, value in {**headers, **reply.headers}.items():
            self.send_header(name, value)
        if reply.close:
            self.send_header("Connection", "close")
        if reply.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(reply.payload())))
        self.end_headers()

    def _body(self, reply: Reply) -> None:
        body = reply.payload()
        if not reply.chunked:
            self.wfile.write(body)
            return
        for start in range(0, len(body), 7):
            piece = body[start : start + 7]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def short_path() -> t.Iterator[str]:
    """For a socket: the kernel takes 107 bytes. No name that a run beside this takes for Docker's."""
    with tempfile.TemporaryDirectory(prefix="dm-", dir="/tmp") as folder:
        os.chmod(folder, 0o755)  # other users call, too
        yield os.path.join(folder, "engine.sock")


@contextlib.contextmanager
def listening(path: str) -> t.Iterator[socket.socket]:
    """A unix socket that listens and never answers: the kernel takes connections for it."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(path)
        sock.listen(8)
        yield sock
