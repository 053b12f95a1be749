# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes keys out of a file that no program has open: bbolt's format, in which engines keep records of networks.

A file is pages of one size. A leaf's header is id, flags, count and overflow; its elements are flags, the distance to
the key, and the lengths of key and value. Pages have no checksum, so an element is gone once the others moved up.
Source: go.etcd.io/bbolt, page.go.
"""

from __future__ import annotations

import struct
import typing as t
from pathlib import Path

PAGE = 4096  # bytes: the memory's page size where the file was made
_HEADER, _ELEMENT = struct.Struct("<QHHI"), struct.Struct("<IIII")
_LEAF = 2


def keys(file: Path) -> t.Set[str]:
    data = file.read_bytes()
    return {_key(data, at) for page in _leaves(data) for at in _elements(data, page)}


def drop(file: Path, is_meant: t.Callable[[str], bool]) -> t.Set[str]:
    """Take keys with their values out of every leaf, old versions of it too. What was taken."""
    data = bytearray(file.read_bytes())
    gone = {key for key in keys(file) if is_meant(key)}
    for page in _leaves(data):
        kept = [(at, _ELEMENT.unpack_from(data, at)) for at in _elements(data, page) if _key(data, at) not in gone]
        for number, (at, (flags, distance, key, value)) in enumerate(kept):
            to = page + _HEADER.size + number * _ELEMENT.size
            _ELEMENT.pack_into(data, to, flags, distance + at - to, key, value)
        struct.pack_into("<H", data, page + 10, len(kept))
    file.write_bytes(data)
    return gone


def _leaves(data: t.ByteString) -> t.Iterator[int]:
    """Where they begin. A page that overflows goes on in those behind it."""
    number = 0
    while number * PAGE < len(data):
        own, flags, _count, overflow = _HEADER.unpack_from(data, number * PAGE)
        leaf = own == number and flags == _LEAF
        if leaf:
            yield number * PAGE
        number += 1 + (overflow if leaf else 0)


def _elements(data: t.ByteString, page: int) -> t.List[int]:
    count = _HEADER.unpack_from(data, page)[2]
    return [page + _HEADER.size + number * _ELEMENT.size for number in range(count)]


def _key(data: t.ByteString, at: int) -> str:
    _flags, distance, length, _value = _ELEMENT.unpack_from(data, at)
    return bytes(data[at + distance : at + distance + length]).decode("utf-8", "replace")
