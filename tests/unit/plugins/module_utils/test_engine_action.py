# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import http.server
import json
import socketserver
import threading

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._engine_action import EngineAction, Refusal
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen

ANSWERS = {
    "/containers/a/start": (204, b""),
    "/containers/running/start": (304, b""),
    "/containers/b/start": (409, b'{"message": "removal in progress"}'),
    "/containers/c/start": (500, b"<html>"),
}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.command, self.path, json.loads(body) if body else None))
        status, answer = ANSWERS[self.path]
        self.send_response(status)
        if status >= 400:
            self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_DELETE = do_POST

    def log_message(self, *_args):
        pass


class Server(socketserver.UnixStreamServer):
    def get_request(self):
        return super().get_request()[0], ("", 0)


@pytest.fixture
def server(tmp_path):
    with Server(str(tmp_path / "engine.sock"), Handler) as server:
        server.asked = []
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


def action(server):
    return EngineAction(f"unix://{server.server_address}", timeout=5)


@pytest.mark.parametrize("path, status", [("/containers/a/start", 204), ("/containers/running/start", 304)])
def test_done(server, path, status):
    assert action(server).post(path, {"x": 1}).status == status
    assert server.asked == [("POST", path, {"x": 1})]


def test_delete(server):
    action(server).delete("/containers/a/start")

    assert server.asked == [("DELETE", "/containers/a/start", None)]


@pytest.mark.parametrize(
    "path, message",
    [
        ("/containers/b/start", "removal in progress"),
        ("/containers/c/start", "the engine answered with status 500"),
    ],
)
def test_refused(server, path, message):
    with pytest.raises(Refusal) as raised:
        action(server).post(path)

    assert str(raised.value) == message


def test_nobody_there(tmp_path):
    with pytest.raises(Unseen) as raised:
        EngineAction(f"unix://{tmp_path}/none.sock", timeout=1).post("/x")

    assert "POST /x" in str(raised.value)
