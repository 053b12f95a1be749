# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Whether a DNS server answers, asked as glibc's resolver asks it. Source: RFC 1035, resolv.conf(5)."""

from __future__ import annotations

import os
import socket
import struct
import typing as t
from dataclasses import dataclass

A, NS = 1, 2
TRIES = 2
MAX_SERVERS = 3  # MAXNS: glibc asks no more than the first three

_NOERROR, _NXDOMAIN = 0, 3
_LONGEST = 255  # bytes, with the length of each label and the root's


@dataclass(frozen=True)
class Answer:
    """rcode: 0 for found, 3 for "no such name". answers: how many records."""

    rcode: int
    answers: int


Ask = t.Callable[[str, str, int], t.Optional[Answer]]


def ask(server: str, name: str, kind: int, timeout: float = 2.0) -> t.Optional[Answer]:
    """One question over UDP; None if nothing comes back. name: "" for the root. Raises ValueError for no name."""
    number = struct.unpack("!H", os.urandom(2))[0]
    request = question(number, name, kind)
    try:
        found = socket.getaddrinfo(server, 53, 0, socket.SOCK_DGRAM, 0, socket.AI_NUMERICHOST)
        family, _type, _protocol, _name, address = found[0]
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.settimeout(timeout)
            sock.connect(address)
            for _turn in range(TRIES):
                sock.send(request)
                said = _receive(sock, number)
                if said:
                    return said
    except OSError:
        return None
    return None


def _receive(sock: socket.socket, number: int) -> t.Optional[Answer]:
    try:
        return answer(sock.recv(4096), number)
    except socket.timeout:
        return None


def question(number: int, name: str, kind: int) -> bytes:
    """A query that asks the server to ask others. Raises ValueError for no name."""
    labels = _labels(name) if name else []
    encoded = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    return struct.pack("!HHHHHH", number, 0x0100, 1, 0, 0, 0) + encoded + struct.pack("!HH", kind, 1)


def _labels(name: str) -> t.List[bytes]:
    try:
        labels = [label.encode("idna") for label in name.rstrip(".").split(".")]
    except UnicodeError:
        labels = []  # one that is too long
    if not all(labels) or not 0 < sum(map(len, labels)) + len(labels) < _LONGEST:
        raise ValueError(f"{name!r} is not a name: expected one such as intranet.example.com")
    return labels


def answer(packet: bytes, number: int) -> t.Optional[Answer]:
    """None for what is no answer to this question."""
    if len(packet) < 12:
        return None
    found, flags, _questions, records = struct.unpack_from("!HHHH", packet)
    if found != number or not flags & 0x8000:
        return None
    return Answer(flags & 0xF, records)


def answering(servers: t.Sequence[str], asker: Ask) -> t.List[str]:
    """Those of the servers that say anything at all."""
    return [server for server in servers[:MAX_SERVERS] if asker(server, "", NS)]


def resolves(servers: t.Sequence[str], name: str, asker: Ask) -> bool:
    """As glibc: the first server that says yes or no decides; one that fails or refuses is passed over."""
    for server in servers[:MAX_SERVERS]:
        said = asker(server, name, A)
        if said and said.rcode in (_NOERROR, _NXDOMAIN):
            return said.rcode == _NOERROR
    return False
