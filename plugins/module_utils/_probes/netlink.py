# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Netlink messages: a header, a fixed part, attributes. Packing and parsing; nothing is sent from here.

Source: netlink(7); Linux, include/uapi/linux/netlink.h.
"""

from __future__ import annotations

import struct
import typing as t

HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port id
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
            length, kind = struct.unpack_from("=IH", datagram, offset)
            check(offset, length, len(datagram))
            yield kind, datagram[offset + HEADER.size : offset + length]
            offset += (length + 3) & ~3


def check(offset: int, length: int, end: int, at_least: int = HEADER.size) -> None:
    """Raises ValueError unless a message of that length is long enough and fits."""
    if length < at_least or offset + length > end:
        raise ValueError(f"netlink: a message of {length} bytes at byte {offset} of {end}")


def attributes(body: bytes, offset: int, end: t.Optional[int] = None) -> t.Iterator[t.Tuple[int, bytes]]:
    """Type and value of each attribute from an offset on; what is left over at the end is padding."""
    end = len(body) if end is None else end
    while offset + _ATTRIBUTE.size <= end:
        length, kind = _ATTRIBUTE.unpack_from(body, offset)
        if length < _ATTRIBUTE.size:
            return
        yield kind & _NESTED, body[offset + _ATTRIBUTE.size : offset + length]
        offset += (length + 3) & ~3
