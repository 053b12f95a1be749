# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Netlink messages: a header, a fixed part, attributes. Packing and parsing; nothing is sent from here.

Source: netlink(7); Linux, include/uapi/linux/netlink.h.
"""

from __future__ import annotations

import struct
import typing as t

HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port id
_START = struct.Struct("=IH")  # length, type
_DUMP_REQUEST = 0x0301  # NLM_F_REQUEST | NLM_F_ROOT | NLM_F_MATCH
_ATTRIBUTE = struct.Struct("=HH")
_NESTED = 0x3FFF  # the two highest bits of an attribute's type are flags


def dump_request(kind: int, body: bytes) -> bytes:
    """A request for all objects of a kind."""
    return HEADER.pack(HEADER.size + len(body), kind, _DUMP_REQUEST, 1, 0) + body


def attribute(kind: int, value: bytes) -> bytes:
    length = _ATTRIBUTE.size + len(value)
    return _ATTRIBUTE.pack(length, kind) + value + bytes(-length % 4)


def messages(datagrams: t.Iterable[bytes]) -> t.Iterator[t.Tuple[int, bytes]]:
    """Type and body of each message. Raises ValueError for a datagram that is cut short."""
    for datagram in datagrams:
        offset = 0
        while offset < len(datagram):
            length, kind = start(datagram, offset)
            yield kind, datagram[offset + HEADER.size : offset + length]
            offset += (length + 3) & ~3


def start(datagram: bytes, offset: int) -> t.Tuple[int, int]:
    """Length and type of the message at an offset. Raises ValueError unless it is there as a whole."""
    left = len(datagram) - offset
    length, kind = _START.unpack_from(datagram, offset) if left >= HEADER.size else (left, 0)
    if not HEADER.size <= length <= left:
        raise ValueError(f"netlink: a message of {length} bytes at byte {offset} of {len(datagram)}")
    return length, kind


def attributes(body: bytes, offset: int, end: t.Optional[int] = None) -> t.Iterator[t.Tuple[int, bytes]]:
    """Type and value of each attribute from an offset on; what is left over at the end is padding."""
    end = len(body) if end is None else end
    while offset + _ATTRIBUTE.size <= end:
        length, kind = _ATTRIBUTE.unpack_from(body, offset)
        if length < _ATTRIBUTE.size:
            return
        yield kind & _NESTED, body[offset + _ATTRIBUTE.size : offset + length]
        offset += (length + 3) & ~3
