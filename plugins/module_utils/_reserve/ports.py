# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Sets of ports as the kernel writes them: 8080,30000-30100."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import MAX_PORT

Ports = t.FrozenSet[int]
NONE: Ports = frozenset()

_RANGE = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")


class PortsError(ValueError):
    """Text that is no set of ports. The message quotes the part at fault."""


def parse(text: str, lowest: int = 0) -> Ports:
    """Commas, spaces and newlines between; any order, overlapping or not. Raises PortsError.

    The kernel takes 0 as a port, too. Source: proc_do_large_bitmap, kernel/sysctl.c.
    """
    found: t.Set[int] = set()
    for word in re.split(r"[,\s]+", text.strip()):
        if word:
            found.update(_range(word, lowest))
    return frozenset(found)


def _range(word: str, lowest: int) -> t.Iterable[int]:
    match = _RANGE.fullmatch(word)
    if match:
        first, last = int(match[1]), int(match[2] or match[1])
        if lowest <= first <= last <= MAX_PORT:
            return range(first, last + 1)
    raise PortsError(
        f"{word!r} is not a port or a rising range of ports within {lowest}-{MAX_PORT}, such as 8080 or 30000-30100"
    )


def text(ports: t.Iterable[int]) -> str:
    """Merged as the kernel does; empty for none."""
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs(ports))


def runs(ports: t.Iterable[int]) -> t.List[t.Tuple[int, int]]:
    """The fewest ranges that hold these ports, rising: first and last port of each."""
    found: t.List[t.Tuple[int, int]] = []
    for port in sorted(ports):
        if found and port == found[-1][1] + 1:
            found[-1] = (found[-1][0], port)
        else:
            found.append((port, port))
    return found
