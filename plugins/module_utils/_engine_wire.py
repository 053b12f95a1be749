# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Streams to a container engine: a unix socket, TCP with or without TLS, or `docker system dial-stdio` behind ssh.

One protocol over all of them, so one parser and one timeout; nothing but the standard library and, for ssh, `ssh`.
"""

from __future__ import annotations

import contextlib
import io
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
import typing as t
from urllib.parse import SplitResult, urlsplit

from ansible_collections.dockmaster.ports.plugins.module_utils._engine_api import Tls
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen

_PORTS = {False: 2375, True: 2376}  # without and with TLS, as the docker client has them
_EXPECTED = "expected one such as unix:///var/run/docker.sock, tcp://192.0.2.7:2376 or ssh://root@192.0.2.7"


class Wire(io.RawIOBase):
    """A stream whose reads and writes take until `deadline` all together. Raises socket.timeout after it."""

    def __init__(self, sock: socket.socket, deadline: float, child: t.Optional[_Child] = None) -> None:
        super().__init__()
        self.deadline = deadline
        self._sock = sock
        self._child = child

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(left(self.deadline))
        self._sock.sendall(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: t.Any) -> int:
        self._sock.settimeout(left(self.deadline))
        return self._sock.recv_into(buffer)

    def makefile(self, *_mode: t.Any) -> io.BufferedReader:
        """What http.client reads from. It closes what it was given, and the stream goes on after one answer."""
        return _Lasting(self)

    def hang_up(self) -> str:
        """Close the stream for good. What the program at its other end had to say, if there is one."""
        self._sock.close()
        return self._child.end() if self._child else ""


class _Lasting(io.BufferedReader):
    def close(self) -> None:
        pass


def left(deadline: float) -> float:
    """Seconds until the deadline. Raises socket.timeout if it has passed."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise socket.timeout("timed out")
    return seconds


def open_wire(endpoint: str, tls: Tls, deadline: float) -> Wire:
    """Raises OSError as the system does, and Unseen for an endpoint that nothing here can speak to."""
    try:
        url = urlsplit(endpoint)
        port = url.port
    except ValueError as exc:
        raise Unseen(f"{endpoint!r} is not the address of an engine: {exc}", _EXPECTED) from exc
    if url.scheme == "unix" and (url.netloc or url.path):
        return Wire(_connect(socket.AF_UNIX, url.netloc + url.path, deadline), deadline)
    if url.scheme in ("tcp", "http", "https") and url.hostname:
        secure = url.scheme == "https" or tls.tls or tls.validate_certs
        sock = _tcp(url.hostname, port or _PORTS[secure], deadline)
        return Wire(_secured(sock, url, tls, deadline) if secure else sock, deadline)
    if url.scheme == "ssh" and url.hostname and not url.hostname.startswith("-"):
        return _ssh(url, deadline)
    if url.scheme == "npipe":
        raise Unseen(f"{endpoint} is a pipe of Windows, which no other system can open", _EXPECTED)
    raise Unseen(f"{endpoint!r} is not the address of an engine", _EXPECTED)


def _connect(family: int, address: t.Any, deadline: float) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(left(deadline))
        sock.connect(address)
    except BaseException:
        sock.close()
        raise
    return sock


def _tcp(host: str, port: int, deadline: float) -> socket.socket:
    """The first of the host's addresses that answers. Raises the last one's OSError."""
    failure = OSError(f"{host} has no address")
    for family, _kind, _protocol, _name, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        try:
            return _connect(family, address, deadline)
        except OSError as exc:
            failure = exc
    raise failure


def _secured(sock: socket.socket, url: SplitResult, tls: Tls, deadline: float) -> socket.socket:
    try:
        context = ssl.create_default_context(cafile=tls.ca_path or None)
        # Python 3.13 asks for a key usage that certificates made as Docker's manual says do not have
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if tls.tls and not tls.validate_certs:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if tls.client_cert:
            context.load_cert_chain(tls.client_cert, tls.client_key or None)
    except OSError as exc:  # SSLError is one
        sock.close()
        files = ", ".join(filter(None, (tls.ca_path, tls.client_cert, tls.client_key)))
        raise Unseen(f"TLS with {files}: {exc.strerror or exc}", "see ca_path, client_cert and client_key") from exc
    try:
        sock.settimeout(left(deadline))
        return context.wrap_socket(sock, server_hostname=tls.tls_hostname or url.hostname)
    except BaseException:
        sock.close()
        raise


class _Child:
    """A program whose standard input and output are a stream of ours."""

    def __init__(self, argv: t.Sequence[str], stream: socket.socket) -> None:
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - open for as long as the program runs
        self._process = subprocess.Popen(  # pylint: disable=ansible-bad-function # run_command needs a module
            argv, stdin=stream.fileno(), stdout=stream.fileno(), stderr=self._said
        )

    def end(self) -> str:
        """The last line that it wrote to standard error."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=0.2)  # its input has ended: what it has to say comes now
        self._process.kill()
        self._process.wait()
        with self._said as said:
            said.seek(0)
            lines = said.read(1 << 16).decode("utf-8", "replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _ssh(url: SplitResult, deadline: float) -> Wire:
    """As the docker client does it: https://docs.docker.com/engine/security/protect-access/."""
    program = shutil.which("ssh")
    if not program:
        raise Unseen("ssh is not installed", "install an OpenSSH client")
    options = ["-T", "-o", "BatchMode=yes", "-o", f"ConnectTimeout={max(1, int(left(deadline)))}"]
    options += ["-l", url.username] if url.username else []
    options += ["-p", str(url.port)] if url.port else []
    path = ["--host", f"unix://{url.path}"] if url.path.strip("/") else []
    ours, theirs = socket.socketpair()
    with theirs:
        child = _Child([program, *options, "--", url.hostname or "", "docker", *path, "system", "dial-stdio"], theirs)
    return Wire(ours, deadline, child)
