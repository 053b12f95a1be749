# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A bind as a container engine does it, on the machine that this runs on."""

from __future__ import annotations

import array
import contextlib
import errno
import socket
import struct
import sys

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Tried

_IPPROTO_SCTP = 132
_SO_ATTACH_FILTER = 26  # Linux; the socket module does not name it


def try_bind(ip: str, protocol: str, port: int, reuse_address: bool) -> Tried:
    """Bind, listen where the protocol can, and close at once.

    Source: moby, daemon/libnetwork/portallocator/osallocator_linux.go.
    """
    step = "socket"
    try:
        with _open(ip, protocol) as sock:
            step = "bind"
            _prepare(sock, protocol, reuse_address)
            sock.bind((ip, port))
            step = "listen"
            if protocol != "udp":
                sock.listen(1)
    except OSError as exc:
        return Tried(step, errno.errorcode.get(exc.errno or 0, str(exc)))
    return Tried("", "")


def _open(ip: str, protocol: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    if protocol == "udp":
        return socket.socket(family, socket.SOCK_DGRAM)
    return socket.socket(family, socket.SOCK_STREAM, _IPPROTO_SCTP if protocol == "sctp" else 0)


def _prepare(sock: socket.socket, protocol: str, reuse_address: bool) -> None:
    if reuse_address:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    if protocol != "udp":
        attach_drop_all(sock)


def attach_drop_all(sock: socket.socket) -> None:
    """A classic BPF program "return 0": no client's connection is swallowed while the socket listens for an instant.

    Engine 29 does the same (SO_ATTACH_FILTER). Where the system has no such option, the instant is left open.
    struct sock_fprog is a 16-bit count and a pointer, aligned as the machine aligns pointers.
    """
    if not sys.platform.startswith("linux"):
        return
    code = array.array("B", struct.pack("=HBBI", 0x06, 0, 0, 0))  # BPF_RET | BPF_K, 0
    program = struct.pack("@HP", 1, code.buffer_info()[0])
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)
