# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What task win_dynamic_ports does on one host: the ports that Windows draws from.

Source: netsh interface ipv4|ipv6 show|set dynamicport /?
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping, Sequence

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import MAX_PORT
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.netsh import Place, said
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.report import rows_text
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Output, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.netsh import (
    DynamicRange,
    Excluded,
    dynamic_range,
    excluded_ranges,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows.command import Command
from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows.carry import NOT_ELEVATED, Shell

FEWEST = 255  # netsh refuses less, and a lower start
LOWEST = 1025
WITHIN_REACH = 32768  # published ports are mostly below

Ranges = Mapping[Place, DynamicRange]


class DynamicError(ValueError):
    """What is asked for cannot be had."""


def wanted(start: int, count: int) -> DynamicRange:
    """Raises DynamicError for what Windows refuses."""
    if start < LOWEST or count < FEWEST or start + count - 1 > MAX_PORT:
        raise DynamicError(
            f"start: {start} and count: {count} are no range that Windows takes: expected {FEWEST} ports or more within"
            f" {LOWEST}-{MAX_PORT}, such as start: 49152 and count: 16384"
        )
    return DynamicRange(start, count)


def change(
    shell: Shell, places: Sequence[Place], wish: DynamicRange, check: bool, warn: Callable[[str], None]
) -> dict[str, t.Any]:
    """The task's result, also where Windows refused a part. Raises DynamicError before anything is changed; Unseen."""
    before, blocks = _look(places, shell.run(_looks(places)))
    after, refused = before, ""
    other = [place for place in places if before[place] != wish]
    if other and not shell.elevated:
        raise DynamicError(NOT_ELEVATED)
    if other and check:
        after = dict.fromkeys(places, wish)
    elif other:
        answers = shell.run([*(_set(place, wish) for place in other), *_looks(places)])
        after, blocks = _look(places, answers[len(other) :])
        refused = _refused(after, wish, dict(zip(other, answers[: len(other)], strict=True)))
    if wish.start < WITHIN_REACH:
        warn(f"Windows draws from {_text(wish)}, where published ports mostly are: it starts at 49152 by itself")
    stray = _stray(blocks, before, after) if after != before else []
    if stray:
        warn(f"until the next boot Windows keeps {rows_text(stray)}, which lie outside of {_text(wish)}")
    return {
        **({"failed": True, "msg": refused} if refused else {}),
        "changed": after != before,
        "before": _records(before),
        "after": _records(after),
        "reboot_required": bool(stray),
        "diff": {"before": _lines(before), "after": _lines(after)},
    }


def _looks(places: Sequence[Place]) -> list[Command]:
    shows = [_netsh(family, "show", "dynamicport", protocol) for family, protocol in places]
    return [*shows, *(_netsh(family, "show", "excludedportrange", protocol) for family, protocol in places)]


def _set(place: Place, wish: DynamicRange) -> Command:
    size = (f"startport={wish.start}", f"numberofports={wish.count}", "store=persistent")
    return _netsh(place[0], "set", "dynamicport", place[1], *size)


def _netsh(family: str, verb: str, what: str, protocol: str, *words: str) -> Command:
    return Command(("netsh", "interface", family, verb, what, f"protocol={protocol}", *words))


def _look(places: Sequence[Place], answers: Sequence[Output]) -> tuple[Ranges, list[Excluded]]:
    ranges = {place: dynamic_range(_read(answer)) for place, answer in zip(places, answers[: len(places)], strict=True)}
    tables = [excluded_ranges(_read(answer)) for answer in answers[len(places) :]]
    return ranges, sorted({row for table in tables for row in table if not row.administered})


def _read(answer: Output) -> str:
    if answer.rc:
        raise Unseen(f"netsh failed (exit status {answer.rc}): {said(answer)}")
    return answer.out


def _refused(after: Ranges, wish: DynamicRange, answers: Mapping[Place, Output]) -> str:
    """What did not come about; empty if all did."""
    missed = []
    for place, found in after.items():
        if found != wish:
            why = f": netsh said: {said(answers[place])}" if place in answers else ""
            missed.append(f"Windows still draws from {_text(found)} ({' '.join(place)}){why}")
    return "; ".join(missed)


def _stray(blocks: Sequence[Excluded], before: Ranges, after: Ranges) -> list[Excluded]:
    """Blocks that were drawn from where it was drawn before, and is not any more. Programs' own are single ports."""
    return [
        row
        for row in blocks
        if row.last > row.first
        and any(one.start <= row.first and row.last <= one.last for one in before.values())
        and not any(one.start <= row.first and row.last <= one.last for one in after.values())
    ]


def _records(ranges: Ranges) -> list[dict[str, t.Any]]:
    return [
        {"family": place[0], "protocol": place[1], "start": one.start, "count": one.count}
        for place, one in ranges.items()
    ]


def _lines(ranges: Ranges) -> str:
    return "".join(f"{' '.join(place)}: {_text(one)} ({one.count} ports)\n" for place, one in ranges.items())


def _text(one: DynamicRange) -> str:
    return f"{one.start}-{one.last}"
