# SPDX-License-Identifier: GPL-3.0-or-later
"""A WinRM listener on loopback: Basic over HTTP, and as much of MS-WSMV as pywinrm speaks.

Create, Command, Send, Receive, Signal, Delete. A command runs when its input ends.
"""

from __future__ import annotations

import base64
import threading
import typing as t
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from ansible_collections.dockmaster.ports.tests.integration.windows import powershell
from ansible_collections.dockmaster.ports.tests.integration.windows.state import State

USER, PASSWORD = "lab", "lab"

_NAMES = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "w": "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
    "rsp": "http://schemas.microsoft.com/wbem/wsman/1/windows/shell",
}
_DONE = f"{_NAMES['rsp']}/CommandState/Done"
_DECLARED = " ".join(f'xmlns:{short}="{name}"' for short, name in _NAMES.items())


class WinRM(ThreadingHTTPServer):
    """port: where it listens. As a context it serves from a thread of its own."""

    daemon_threads = True

    def __init__(self, state: State) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.state = state
        self.lines: t.Dict[str, str] = {}
        self.given: t.Dict[str, bytes] = {}
        self.port: int = self.server_address[1]

    def __enter__(self) -> WinRM:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: WinRM

    def log_message(self, *_words: object) -> None:
        """Tests print nothing of it."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Authorization") != "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode():
            self._send(401, b"", {"WWW-Authenticate": 'Basic realm="WSMAN"'})
            return
        asked = ElementTree.fromstring(body)
        action = asked.findtext(".//a:Action", "", _NAMES)
        answers = {"Create": self._create, "Command": self._command, "Send": self._take_input, "Receive": self._receive}
        answer = answers.get(action.rpartition("/")[2])
        try:
            told = answer(asked) if answer else ""
        except powershell.Lost:
            self.close_connection = True
            self.connection.close()
            return
        self._send(200, _envelope(action, asked.findtext(".//a:MessageID", "", _NAMES), told))

    def _create(self, asked: ElementTree.Element) -> str:
        shell = str(uuid.uuid4()).upper()
        return (
            f'<rsp:Shell><rsp:ShellId>{shell}</rsp:ShellId></rsp:Shell><w:Selector Name="ShellId">{shell}</w:Selector>'
        )

    def _command(self, asked: ElementTree.Element) -> str:
        number = str(uuid.uuid4()).upper()
        words = [asked.findtext(".//rsp:Command", "", _NAMES).strip('"')]
        words += [one.text or "" for one in asked.findall(".//rsp:Arguments", _NAMES)]
        self.server.lines[number] = " ".join(words)
        self.server.given[number] = b""
        return f"<rsp:CommandResponse><rsp:CommandId>{number}</rsp:CommandId></rsp:CommandResponse>"

    def _take_input(self, asked: ElementTree.Element) -> str:
        stream = asked.find(".//rsp:Stream", _NAMES)
        if stream is not None:
            self.server.given[stream.get("CommandId", "")] += base64.b64decode(stream.text or "")
        return ""

    def _receive(self, asked: ElementTree.Element) -> str:
        stream = asked.find(".//rsp:DesiredStream", _NAMES)
        number = stream.get("CommandId", "") if stream is not None else ""
        if number not in self.server.lines:  # asked again after the connection was lost
            raise powershell.Lost
        ran = powershell.run(self.server.state, self.server.lines.pop(number), self.server.given.pop(number))
        streams = "".join(
            f'<rsp:Stream Name="{name}" CommandId="{number}">{base64.b64encode(data).decode()}</rsp:Stream>'
            for name, data in (("stdout", ran.out), ("stderr", ran.err))
            if data
        )
        code = f"<rsp:ExitCode>{ran.code}</rsp:ExitCode>"
        ended = f'<rsp:CommandState CommandId="{number}" State="{_DONE}">{code}</rsp:CommandState>'
        return f"<rsp:ReceiveResponse>{streams}{ended}</rsp:ReceiveResponse>"

    def _send(self, status: int, body: bytes, headers: t.Optional[t.Mapping[str, str]] = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/soap+xml;charset=UTF-8", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _envelope(action: str, relates: str, body: str) -> bytes:
    head = (
        f"<a:Action>{action}Response</a:Action><a:MessageID>uuid:{uuid.uuid4()}</a:MessageID>"
        f"<a:RelatesTo>{escape(relates)}</a:RelatesTo>"
    )
    text = f'<s:Envelope xml:lang="en-US" {_DECLARED}><s:Header>{head}</s:Header><s:Body>{body}</s:Body></s:Envelope>'
    return text.encode()
