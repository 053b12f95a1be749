# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The door to the machine that this runs on."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import shutil
import socket
import struct
import subprocess
import time
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._engine_api import EngineApi
from ansible_collections.dockmaster.ports.plugins.module_utils._host import BECOME, Output, Tried, Unseen

SBIN = ("/usr/local/sbin", "/usr/sbin", "/sbin")  # not in the PATH of a plain user, and iptables lives there

_NLMSG_ERROR, _NLMSG_DONE = 2, 3
_PERMISSION = (errno.EACCES, errno.EPERM)
_IPPROTO_SCTP = 132
_SO_ATTACH_FILTER = 26


class LiveHost:
    """The machine that this runs on. timeout: seconds that any one command or API call may take."""

    def __init__(self, timeout: float = 10.0, api: t.Optional[EngineApi] = None) -> None:
        self.timeout = timeout
        self._api = api or EngineApi(timeout)

    def read(self, path: str) -> str:
        with _seeing(path), open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()

    def names(self, path: str) -> t.List[str]:
        with _seeing(path):
            return os.listdir(path)

    def link(self, path: str) -> str:
        with _seeing(path):
            return os.readlink(path)

    def links(self, path: str) -> t.List[str]:
        targets = []
        readlink = os.readlink
        with _seeing(path):
            for name in os.listdir(path):
                try:
                    targets.append(readlink(path + "/" + name))
                except OSError:  # closed meanwhile
                    continue
        return targets

    def run(self, *argv: str) -> Output:
        search = os.pathsep.join([os.environ.get("PATH", os.defpath), *SBIN])
        program = shutil.which(argv[0], path=search)
        if not program:
            raise Unseen(f"{argv[0]} is not installed")
        env = dict(os.environ, PATH=search, LC_ALL="C", LANGUAGE="C")
        try:
            done = subprocess.run(
                [program, *argv[1:]],
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                timeout=self.timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Unseen(f"{argv[0]} did not end within {self.timeout:g} s", "raise timeout") from None
        except OSError as exc:
            raise Unseen(f"{argv[0]}: {exc.strerror}") from exc
        return Output(done.returncode, _text(done.stdout), _text(done.stderr))

    def netlink(self, protocol: int, request: bytes) -> t.List[bytes]:
        family = getattr(socket, "AF_NETLINK", None)
        if family is None:
            raise Unseen("this system has no netlink")
        with _seeing("netlink"), socket.socket(family, socket.SOCK_RAW, protocol) as sock:
            sock.settimeout(self.timeout)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            sock.send(request)
            return list(_datagrams(sock))

    def api(self, endpoint: str, path: str) -> t.Tuple[int, str]:
        return self._api.get(endpoint, path)

    def bind(self, ip: str, protocol: str, port: int, reuse_address: bool) -> Tried:
        step = "socket"
        try:
            with _open(ip, protocol) as sock:
                step = "bind"
                if reuse_address:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if sock.family == socket.AF_INET6:
                    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                if protocol != "udp":
                    _attach_drop_all(sock)
                sock.bind((ip, port))
                step = "listen"
                if protocol != "udp":
                    sock.listen(1)
        except OSError as exc:
            return Tried(step, errno.errorcode.get(exc.errno or 0, str(exc)))
        return Tried("", "")

    def now(self) -> float:
        return time.time()


@contextlib.contextmanager
def _seeing(source: str) -> t.Iterator[None]:
    try:
        yield
    except OSError as exc:
        reason = (exc.strerror or str(exc)).lower()
        raise Unseen(f"{source}: {reason}", BECOME if exc.errno in _PERMISSION else "") from exc


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _datagrams(sock: socket.socket) -> t.Iterator[bytes]:
    """Until the message that ends the dump. Raises OSError if the kernel refuses or was interrupted."""
    while True:
        datagram = sock.recv(1 << 18)
        if len(datagram) < 16:
            raise OSError(errno.EIO, "short answer")
        offset = 0
        while offset + 16 <= len(datagram):
            length, kind = struct.unpack_from("=IH", datagram, offset)
            if kind == _NLMSG_ERROR:
                code = -struct.unpack_from("=i", datagram, offset + 16)[0]
                if code:
                    raise OSError(code, os.strerror(code))
            if kind == _NLMSG_DONE:
                yield datagram[:offset]
                return
            offset += max(16, (length + 3) & ~3)
        yield datagram


def _open(ip: str, protocol: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    if protocol == "udp":
        return socket.socket(family, socket.SOCK_DGRAM)
    return socket.socket(family, socket.SOCK_STREAM, _IPPROTO_SCTP if protocol == "sctp" else 0)


def _attach_drop_all(sock: socket.socket) -> None:
    """A classic BPF program "return 0": no client's connection is swallowed while the socket listens for an instant.

    Engine 29 does the same (SO_ATTACH_FILTER). Where the system has no such option, the instant is left open.
    """
    code = ctypes.create_string_buffer(struct.pack("=HBBI", 0x06, 0, 0, 0))
    program = struct.pack("@HP", 1, ctypes.addressof(code))
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)
