# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows' excluded ports of one protocol: which rows may be added and deleted, and what it says where they may not.

Pure, so that unit tests can hold plans against it; the double's `netsh` and `net` keep its state in their file.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

ACTIVE, PERSISTENT = "active", "persistent"


class Refused(Exception):
    """Windows refuses. The message is the name of the Win32 error."""


class Row(t.NamedTuple):
    """owner: administrator, winnat (Hyper-V's blocks, which it lets go when it stops), http or hns (which stay)."""

    first: int
    last: int
    owner: str = "administrator"

    def meets(self, first: int, last: int) -> bool:
        return self.first <= last and first <= self.last


@dataclass
class ExcludedPorts:
    """in_use: ports that sockets have."""

    active: t.List[Row] = field(default_factory=list)
    persistent: t.List[Row] = field(default_factory=list)
    in_use: t.Set[int] = field(default_factory=set)

    def add(self, first: int, count: int, store: str = PERSISTENT) -> None:
        """Where no row and no socket is. What is there for every boot is in force at once."""
        last = first + count - 1
        if not 1 <= first <= last <= 65535:
            raise Refused("ERROR_INVALID_PARAMETER")
        in_the_way = [row for row in self.active if row.meets(first, last)]
        if store == PERSISTENT:
            in_the_way += [row for row in self.persistent if row.meets(first, last)]
        if in_the_way or any(first <= port <= last for port in self.in_use):
            raise Refused("ERROR_SHARING_VIOLATION")
        self.active = sorted([*self.active, Row(first, last)])
        if store == PERSISTENT:
            self.persistent = sorted([*self.persistent, Row(first, last)])

    def delete(self, first: int, count: int, store: str = PERSISTENT) -> None:
        """Exactly this row, of an administrator."""
        row = Row(first, first + count - 1)
        there = self.persistent if store == PERSISTENT else self.active
        if row not in there:
            others = any(other[:2] == row[:2] for other in self.active)
            raise Refused("ERROR_ACCESS_DENIED" if others else "ERROR_NOT_FOUND")
        self.active = [other for other in self.active if other != row]
        if store == PERSISTENT:
            self.persistent = [other for other in self.persistent if other != row]

    def stop_winnat(self) -> None:
        self.active = [row for row in self.active if row.owner != "winnat"]

    def start_winnat(self, blocks: t.Iterable[Row]) -> None:
        """Draw again: each block where it was, or behind what is in its way."""
        for block in blocks:
            first, last = block.first, block.last
            while (hit := next((row for row in self.active if row.meets(first, last)), None)) is not None:
                first, last = hit.last + 1, hit.last + 1 + block.last - block.first
            self.active = sorted([*self.active, Row(first, last, "winnat")])
