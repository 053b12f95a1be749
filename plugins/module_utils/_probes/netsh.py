# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What netsh prints of ports that Windows keeps to itself, in whatever language and code page it prints.

Only digits, dashes, colons and asterisks are read. They are the same bytes in every code page of Windows' consoles, and
no part of a character of two bytes, so it does not matter as what the text was decoded.

    Protocol tcp Port Exclusion Ranges

    Start Port    End Port
    ----------    --------
          5357        5357
         50000       50059     *

    * - Administered port exclusions.

Source: netsh interface ipv4|ipv6 show excludedportrange, show dynamicport (Windows 10 and 11, Server 2016 and later).
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import MAX_PORT
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.visible import excerpt

_RULED = re.compile(r"\s*-{3,}(?:\s+-{3,})*\s*")
_ROW = re.compile(r"\s*([0-9]{1,5})\s+([0-9]{1,5})\s*(\*?)\s*")
_SETTING = re.compile(r"[^:]*:\s*([0-9]{1,5})\s*")
_DIGIT = re.compile(r"[0-9]")  # headings and footnotes have none
_ENDS = re.compile(r"[\r\n]+")  # other characters that end a line may be halves of a letter


class Excluded(t.NamedTuple):
    """Ports that Windows gives to nobody who does not ask for them by number.

    administered: an administrator excluded them, so whoever asks for them by number gets them. Of the others (Hyper-V,
    WinNAT, HTTP.sys) a bind is refused with WSAEACCES.
    """

    first: int
    last: int
    administered: bool


@dataclass(frozen=True)
class DynamicRange:
    """The ports that Windows draws from, for outgoing connections and for blocks of Hyper-V and WinNAT."""

    start: int
    count: int

    @property
    def last(self) -> int:
        return self.start + self.count - 1


def excluded_ranges(text: str) -> t.Tuple[Excluded, ...]:
    """The rows of `show excludedportrange`, in their order; () where the table has none. Raises Unseen."""
    return tuple(_row(line) for line in _below_rule(text) if _DIGIT.search(line))


def dynamic_range(text: str) -> DynamicRange:
    """What `show dynamicport` says. Raises Unseen."""
    found = [int(match[1]) for match in map(_SETTING.fullmatch, _below_rule(text)) if match]
    if len(found) == 2 and 1 <= found[0] <= found[0] + found[1] - 1 <= MAX_PORT:
        return DynamicRange(*found)
    raise Unseen(f"netsh printed no start and number of ports within 1-{MAX_PORT}: {excerpt(text)}")


def _below_rule(text: str) -> t.List[str]:
    """The lines below the line of dashes.

    Text without any is never taken for an empty table: a netsh that prints nothing, or a sentence, has told nothing.
    """
    lines = [line for line in _ENDS.split(text) if line.strip()]
    if not lines:
        raise Unseen("netsh printed nothing")
    for number, line in enumerate(lines):
        if _RULED.fullmatch(line):
            return lines[number + 1 :]
    raise Unseen(f"netsh printed no table: {excerpt(text)}")


def _row(line: str) -> Excluded:
    match = _ROW.fullmatch(line)
    if match and 1 <= int(match[1]) <= int(match[2]) <= MAX_PORT:
        return Excluded(int(match[1]), int(match[2]), bool(match[3]))
    raise Unseen(f"netsh printed a row that is no range of ports within 1-{MAX_PORT}: {excerpt(line)}")
