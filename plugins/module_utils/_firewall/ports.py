# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Ports as a policy names them: `5432`, `8000-8010/tcp`, `53/udp`, `all`, `all/udp`."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

PROTOCOLS = ("tcp", "udp", "sctp")  # what an engine publishes
HIGHEST = 65535

_PORTS = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?\Z")


class PortsError(ValueError):
    """A text that names no ports. The message quotes it and says what was expected."""


@dataclass(frozen=True, order=True)
class Ports:
    """Host ports `first` to `last`, both included. protocol: "" for all of them."""

    protocol: str
    first: int = 1
    last: int = HIGHEST

    @property
    def every(self) -> bool:
        """Whether it is all ports of its protocol."""
        return (self.first, self.last) == (1, HIGHEST)

    def covers(self, other: Ports) -> bool:
        """Whether every port of `other` is one of these."""
        same = self.protocol in ("", other.protocol)
        return same and self.first <= other.first and other.last <= self.last

    def __str__(self) -> str:
        protocol = f"/{self.protocol}" if self.protocol else ""
        if self.every:
            return f"all{protocol}"
        return f"{self.first}{protocol}" if self.first == self.last else f"{self.first}-{self.last}{protocol}"


def parse(text: str) -> Ports:
    """Without a protocol it is TCP, as where ports are published; `all` is every protocol. Raises PortsError."""
    ports, slash, protocol = str(text).strip().lower().partition("/")
    if slash and protocol not in PROTOCOLS:
        raise PortsError(f"{text!r} names no protocol that has ports: expected one of {', '.join(PROTOCOLS)}")
    if ports == "all":
        return Ports(protocol)
    match = _PORTS.match(ports)
    first = int(match[1]) if match else 0
    last = int(match[2] or first) if match else 0
    if not 1 <= first <= last <= HIGHEST:
        raise PortsError(
            f"{text!r} is not a published port: expected a port or a rising range within 1-{HIGHEST}, "
            "such as 5432, 8000-8010/tcp or 53/udp, or all"
        )
    return Ports(protocol or "tcp", first, last)


def merge(ports: t.Iterable[Ports]) -> t.Tuple[Ports, ...]:
    """The same ports as few ranges as they take, sorted; `all` swallows the others."""
    ordered = sorted(set(ports))
    if Ports("") in ordered:
        return (Ports(""),)
    merged: t.List[Ports] = []
    for one in ordered:
        before = merged[-1] if merged else None
        if before and before.protocol == one.protocol and one.first <= before.last + 1:
            merged[-1] = Ports(one.protocol, before.first, max(before.last, one.last))
        else:
            merged.append(one)
    return tuple(merged)
