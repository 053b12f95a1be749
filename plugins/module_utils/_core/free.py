# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Free ports within a band, nearest first."""

from __future__ import annotations

import itertools
import re
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import (
    MAX_PORT,
    Binding,
    BindingError,
    narrower,
)

Band = t.Tuple[int, int]  # first and last port, both included

_BAND = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")


def band_of(text: t.Any) -> Band:
    """`8000-8999`, or one port. Raises BindingError that quotes it."""
    match = _BAND.fullmatch(text) if isinstance(text, str) else _BAND.fullmatch(_number(text))
    if match:
        first, last = int(match[1]), int(match[2] or match[1])
        if 1 <= first <= last <= MAX_PORT:
            return first, last
    raise BindingError(f"{text!r} is not a rising range of ports within 1-{MAX_PORT}: expected one such as 8000-8999")


def free_ports(taken: t.Iterable[Binding], like: Binding, band: Band, count: int = 1) -> t.List[int]:
    """At most `count` ports of the band where a binding like this one meets nothing that is taken, nearest first.

    like: its address and protocol are what must be free; its first port is what to be near to (0: the band's first);
    a range of n ports wants n free ports in a row, and the port that is returned is the first of them.
    Nearest by distance; of two as near, the higher. Runs that are returned do not overlap. Costs one pass of the band.
    """
    size = max(1, len(like.ports()))
    free = _free(taken, like, band)
    found: t.List[int] = []
    for port in _outward(like.first or band[0], (band[0], band[1] - size + 1)):
        if len(found) >= count:
            break
        if all(free[port : port + size]):
            found.append(port)
            free[port : port + size] = bytes(size)
    return found


def _free(taken: t.Iterable[Binding], like: Binding, band: Band) -> bytearray:
    """A byte a port: 1 within the band where nothing is taken."""
    free = bytearray(MAX_PORT + 2)
    free[band[0] : band[1] + 1] = b"\x01" * (band[1] - band[0] + 1)
    for one in taken:
        if one.first and one.protocol == like.protocol and narrower(one.ip, like.ip) is not None:
            free[one.first : one.last + 1] = bytes(one.last - one.first + 1)
    return free


def _outward(near: int, band: Band) -> t.Iterator[int]:
    """Every port of the band, by its distance."""
    first, last = band
    up, down = range(max(near, first), last + 1), range(min(near - 1, last), first - 1, -1)
    if near <= first:
        return iter(up)
    if near > last:
        return iter(down)
    pairs = itertools.zip_longest(up[1:], down)
    return itertools.chain(up[:1], (port for pair in pairs for port in pair if port is not None))


def _number(value: t.Any) -> str:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
