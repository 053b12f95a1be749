# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Sets of addresses: parsed from what people write, merged, compared, and written as the fewest networks.

A set is spans of one family: (first, last) pairs of integers, both included, sorted, apart from one another.
"""

from __future__ import annotations

import bisect
import re
import socket
import typing as t

Span = t.Tuple[int, int]
Spans = t.Tuple[Span, ...]

FAMILIES = (4, 6)
BITS = {4: 32, 6: 128}
EVERY: t.Dict[int, Spans] = {family: ((0, (1 << bits) - 1),) for family, bits in BITS.items()}

_KERNEL = {4: socket.AF_INET, 6: socket.AF_INET6}
_PREFIX = re.compile(r"[0-9]{1,3}\Z")
_MAPPED = 0xFFFF  # ::ffff:0:0/96
FORM = "expected an address, a network or a range, such as 192.0.2.7, 10.0.0.0/8 or 10.0.0.5-10.0.0.9"


class NetworkError(ValueError):
    """A text that is no address, network or range. The message quotes it and says what was expected."""


class Addresses(t.NamedTuple):
    """What one text stands for: a family, 4 or 6, and its first and last address."""

    family: int
    first: int
    last: int


def parse(text: str) -> Addresses:
    """An address, a network in CIDR form, or a range `first-last`. Raises NetworkError."""
    text = text.strip()
    if "/" in text:
        return _network(text)
    first, dash, last = text.partition("-")
    if dash:
        return _range(text, first.strip(), last.strip())
    family, number = _address(text, text)
    return Addresses(family, number, number)


def _network(text: str) -> Addresses:
    address, _slash, prefix = text.partition("/")
    family, number = _address(address, text)
    if not _PREFIX.match(prefix) or int(prefix) > BITS[family]:
        raise NetworkError(f"{text!r} is not a network: its prefix is not a number from 0 to {BITS[family]}")
    size = 1 << (BITS[family] - int(prefix))
    first = number & -size
    if first != number:
        raise NetworkError(
            f"{text!r} is not a network: it has bits set behind its prefix; "
            f"write {address_text(family, first)}/{prefix} for the network, {address} for the address"
        )
    return Addresses(family, first, first + size - 1)


def _range(text: str, first: str, last: str) -> Addresses:
    family, low = _address(first, text)
    other, high = _address(last, text)
    if other != family:
        raise NetworkError(f"{text!r} is not a range: its ends are of two families")
    if high < low:
        raise NetworkError(f"{text!r} is not a range: it ends before it begins")
    return Addresses(family, low, high)


def _address(address: str, text: str) -> t.Tuple[int, int]:
    family = 6 if ":" in address else 4
    try:
        raw = socket.inet_pton(_KERNEL[family], address)
    except (OSError, ValueError):  # ValueError: a NUL or a lone surrogate within
        raise NetworkError(f"{text!r} is not a network: {FORM}") from None
    number = int.from_bytes(raw, "big")
    if family == 6 and number >> 32 == _MAPPED:
        plain = address_text(4, number & 0xFFFFFFFF)
        raise NetworkError(f"{text!r} is an IPv4 address written as IPv6: write {plain}")
    return family, number


def address_text(family: int, number: int) -> str:
    """An address as the kernel's tools print it."""
    return socket.inet_ntop(_KERNEL[family], number.to_bytes(BITS[family] // 8, "big"))


def merge(spans: t.Iterable[Span]) -> Spans:
    """The same addresses as sorted spans that neither overlap nor touch."""
    merged: t.List[Span] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1] + 1:
            if last > merged[-1][1]:
                merged[-1] = (merged[-1][0], last)
        else:
            merged.append((first, last))
    return tuple(merged)


def overlap(one: Spans, other: Spans) -> Spans:
    """The addresses that both have. Quick where `other` is small, however large `one` is."""
    found: t.List[Span] = []
    for first, last in other:
        low, high = _touched(one, first, last)
        found += [(max(first, one[at][0]), min(last, one[at][1])) for at in range(low, high)]
    return tuple(found)


def without(one: Spans, other: Spans) -> Spans:
    """The addresses of `one` that `other` has not. Quick where `other` is small, however large `one` is."""
    left = list(one)
    for first, last in other:
        low, high = _touched(left, first, last)
        touched = left[low:high]
        before = [(span[0], first - 1) for span in touched[:1] if span[0] < first]
        behind = [(last + 1, span[1]) for span in touched[-1:] if span[1] > last]
        left[low:high] = before + behind
    return tuple(left)


def _touched(spans: t.Sequence[Span], first: int, last: int) -> t.Tuple[int, int]:
    """From which number to before which one spans have addresses from first to last."""
    low = bisect.bisect_left(spans, (first,))
    if low and spans[low - 1][1] >= first:
        low -= 1
    return low, bisect.bisect_left(spans, (last + 1,), low)


def covers(wide: Spans, narrow: Spans) -> bool:
    """Whether every address of `narrow` is in `wide`."""
    for span in narrow:
        at = bisect.bisect_right(wide, (span[0], 1 << BITS[6])) - 1
        if at < 0 or wide[at][1] < span[1]:
            return False
    return True


def networks(family: int, spans: Spans) -> t.List[str]:
    """The fewest networks that hold exactly these addresses, in CIDR form."""
    found = []
    for first, last in spans:
        at = first
        while at <= last:
            size = min((at & -at) or 1 << BITS[family], 1 << ((last - at + 1).bit_length() - 1))
            found.append(f"{address_text(family, at)}/{BITS[family] - size.bit_length() + 1}")
            at += size
    return found


def short(family: int, spans: Spans) -> t.List[str]:
    """The same, as people write it: an address without a prefix."""
    single = f"/{BITS[family]}"
    return [text[: -len(single)] if text.endswith(single) else text for text in networks(family, spans)]
