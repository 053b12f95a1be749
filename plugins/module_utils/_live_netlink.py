# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Netlink dumps of the kernel that this runs on.

Source: netlink(7); Documentation/userspace-api/netlink/intro.rst (dump consistency, errors in NLMSG_DONE).
"""

from __future__ import annotations

import errno
import os
import socket
import struct
import typing as t

_NLMSG_ERROR, _NLMSG_DONE = 2, 3
_NLM_F_DUMP_INTR = 0x10
_HEADER = struct.Struct("=IHH")
_HEADER_SIZE = 16
_BUFFER = 1 << 18  # the kernel fills 32 KiB a datagram, and more only for interfaces with very many functions
_TRIES = 5


class _AgainError(Exception):
    """The kernel says that what it told so far may be wrong: the table changed, or datagrams were lost."""


def dump(protocol: int, request: bytes, timeout: float) -> t.List[bytes]:
    """The datagrams that answer a dump request, without the message that ends it.

    timeout: seconds for any one datagram. Raises OSError with the kernel's own error, EAGAIN if the table never
    stood still, EAFNOSUPPORT where the system has no netlink.
    """
    for _try in range(_TRIES):
        try:
            with _connect(protocol, timeout) as sock:
                sock.send(request)
                return list(_datagrams(sock))
        except _AgainError:
            continue
        except OSError as exc:
            if exc.errno != errno.ENOBUFS:  # datagrams were lost
                raise
    raise OSError(errno.EAGAIN, f"the kernel's table changed during each of {_TRIES} readings")


def _connect(protocol: int, timeout: float) -> socket.socket:
    family = getattr(socket, "AF_NETLINK", None)
    if family is None:
        raise OSError(errno.EAFNOSUPPORT, "this system has no netlink")
    sock = socket.socket(family, socket.SOCK_RAW, protocol)
    sock.settimeout(timeout)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER * 4)
    return sock


def _datagrams(sock: socket.socket) -> t.Iterator[bytes]:
    """Until the message that ends the dump. Raises _AgainError, or OSError if the kernel refuses."""
    buffer = bytearray(_BUFFER)
    view = memoryview(buffer)
    while True:
        size, _ancillary, flags, sender = sock.recvmsg_into([buffer])
        if flags & socket.MSG_TRUNC:
            raise OSError(errno.EMSGSIZE, "the kernel's answer is longer than the buffer")
        if sender[0] == 0:  # from the kernel; anything else is another process's
            end, done = _end_of(view, size)
            yield bytes(view[:end])
            if done:
                return


def _end_of(datagram: memoryview, size: int) -> t.Tuple[int, bool]:
    """Where the records of a datagram end, and whether the dump ends there."""
    offset = 0
    while offset + _HEADER_SIZE <= size:
        length, kind, flags = _HEADER.unpack_from(datagram, offset)
        if flags & _NLM_F_DUMP_INTR:
            raise _AgainError
        if kind in (_NLMSG_ERROR, _NLMSG_DONE):
            _raise_error_in(datagram, offset, length)
            return offset, True
        offset += max(_HEADER_SIZE, (length + 3) & ~3)
    return size, False


def _raise_error_in(datagram: memoryview, offset: int, length: int) -> None:
    """A dump that fails on the way says so in its last message."""
    if length < _HEADER_SIZE + 4:
        return
    code = -struct.unpack_from("=i", datagram, offset + _HEADER_SIZE)[0]
    if code == errno.EINTR or code == errno.ENOBUFS:
        raise _AgainError
    if code > 0:
        raise OSError(code, os.strerror(code))
