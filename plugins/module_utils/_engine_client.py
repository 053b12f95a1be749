# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""HTTP as engines speak it: one stream an engine, one version of its API, one timeout a call."""

from __future__ import annotations

import contextlib
import errno
import http.client
import re
import socket
import ssl
import time
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._engine_api import Tls
from ansible_collections.dockmaster.ports.plugins.module_utils._engine_wire import Wire, open_wire
from ansible_collections.dockmaster.ports.plugins.module_utils._host import BECOME, Answer, Deserted, Refused, Unseen

NEWEST = (1, 55)  # the newest version of the API whose answers were read here; a newer engine is asked for this one
MOST = 64 << 20  # bytes of one answer; 10,000 containers take 15 MB

_PIECE = 1 << 16
_PATH = re.compile(r"/[!-~]*")


class EngineClient:
    """timeout: seconds for one call, connecting included. api_version: auto, or a version such as 1.41."""

    def __init__(self, timeout: float, tls: Tls, api_version: str) -> None:
        self.timeout = timeout
        self._tls = tls
        self._prefix = "" if api_version == "auto" else f"/v{api_version}"
        self._prefixes: t.Dict[str, str] = {}
        self._wires: t.Dict[str, Wire] = {}

    def get(self, endpoint: str, path: str) -> Answer:
        """What the engine at an endpoint says, whatever its status. Raises Unseen, and Deserted if nobody listens.

        The first call to an engine names no version of the API, and tells which one is the engine's.
        """
        if not _PATH.fullmatch(path):
            raise ValueError(f"{path!r} is not a path of the API")
        versioned = self._prefixes.get(endpoint, self._prefix) + path
        try:
            with _told(endpoint, self.timeout):
                answer = self._ask(endpoint, versioned, time.monotonic() + self.timeout)
        except Unseen as exc:
            said = self._hang_up(endpoint)
            if said:  # by ssh, which knows better
                raise Unseen(f"{endpoint}: {said}", exc.see) from exc
            raise
        self._prefixes.setdefault(endpoint, self._prefix or _prefix(answer.headers.get("api-version", "")))
        return answer

    def close(self) -> None:
        """Hang up on every engine."""
        for endpoint in list(self._wires):
            self._hang_up(endpoint)

    def _ask(self, endpoint: str, path: str, deadline: float) -> Answer:
        """On the stream of the last call, if it is still open.

        Where an engine breaks it off it is not called anew: it may just have been stopped, and where systemd listens
        in its place a call would start it again.
        """
        if endpoint not in self._wires:
            self._wires[endpoint] = open_wire(endpoint, self._tls, deadline)
        self._wires[endpoint].deadline = deadline
        return self._exchange(endpoint, path)

    def _exchange(self, endpoint: str, path: str) -> Answer:
        wire = self._wires[endpoint]
        head = (
            f"GET {path} HTTP/1.1\r\nHost: docker\r\nUser-Agent: dockmaster.ports\r\nAccept: application/json\r\n\r\n"
        )
        wire.sendall(head.encode("ascii"))
        with contextlib.closing(http.client.HTTPResponse(t.cast(socket.socket, wire), method="GET")) as response:
            response.begin()
            body = _body(response)
        if response.will_close:
            self._hang_up(endpoint)
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, body.decode("utf-8", "surrogateescape"), headers)

    def _hang_up(self, endpoint: str) -> str:
        wire = self._wires.pop(endpoint, None)
        return wire.hang_up() if wire else ""


def _body(response: http.client.HTTPResponse) -> bytes:
    """All of it, or HTTPException. Piece by piece: Python 3.8 allocates whatever length it is told to read at most."""
    pieces: t.List[bytes] = []
    size = 0
    while size <= MOST:
        piece = response.read(_PIECE)
        if not piece:
            break
        pieces.append(piece)
        size += len(piece)
    else:
        raise http.client.HTTPException(f"an answer of more than {MOST >> 20} MiB")
    if response.length:  # read() with a size does not tell that the stream ended too early
        raise http.client.IncompleteRead(b"".join(pieces), response.length)
    return b"".join(pieces)


def _prefix(newest: str) -> str:
    """The engine's newest version of the API, or the newest that is known here: /v1.41."""
    number = re.fullmatch(r"(\d{1,3})\.(\d{1,3})", newest)
    if not number:
        return ""
    major, minor = min((int(number[1]), int(number[2])), NEWEST)
    return f"/v{major}.{minor}"


@contextlib.contextmanager
def _told(endpoint: str, timeout: float) -> t.Iterator[None]:
    """Whatever goes wrong on the way to an engine, as Unseen."""
    try:
        yield
    except socket.timeout as exc:
        hung = f"{endpoint} did not answer within {timeout:g} s"
        raise Unseen(hung, "see whether the engine hangs, or raise timeout") from exc
    except ssl.SSLCertVerificationError as exc:
        see = "ca_path must name the authority that signed it, and tls_hostname a name that is in it"
        raise Unseen(f"{endpoint}: certificate not trusted: {exc.verify_message}", see) from exc
    except OSError as exc:  # RemoteDisconnected is one, and an HTTPException
        raise _unseen(endpoint, exc) from exc
    except http.client.HTTPException as exc:
        raise Unseen(f"{endpoint} does not speak HTTP as an engine does: {type(exc).__name__}: {exc}") from exc


def _unseen(endpoint: str, exc: OSError) -> Unseen:
    why = f"{endpoint}: {(exc.strerror or str(exc)).lower()}"
    if exc.errno in (errno.EACCES, errno.EPERM):
        return Refused(why, f"{BECOME}, or as a user who may use the engine (group docker)")
    if exc.errno == errno.ECONNREFUSED:
        return Deserted(f"nobody listens on {endpoint}", "start the engine")
    if exc.errno == errno.ENOENT:
        return Unseen(why, "install Docker, or name its endpoint in docker_host")
    return Unseen(why)
