# SPDX-License-Identifier: GPL-3.0-or-later
"""What a measurement hands back, and the page that is made of it."""

from __future__ import annotations

import dataclasses
import datetime
import os
import platform
import re
import statistics
import typing as t
from pathlib import Path


class Skipped(Exception):
    """This machine lacks what the measurement needs. The message says what."""


@dataclasses.dataclass(frozen=True)
class Row:
    """A line of the page. asked: the bound that is promised; holds: whether it is kept, None where none is promised."""

    what: str
    measured: str
    asked: str = ""
    holds: bool | None = None


@dataclasses.dataclass(frozen=True)
class Result:
    """What one bench file measured. skipped: why it measured nothing."""

    name: str
    about: str
    rows: tuple[Row, ...] = ()
    skipped: str = ""

    @property
    def holds(self) -> bool:
        return not self.skipped and all(row.holds is not False for row in self.rows)


def milliseconds(values: t.Iterable[float]) -> str:
    """The median of some times in milliseconds, and between which they were."""
    ordered = sorted(values)
    middle = statistics.median(ordered)
    spread = f" ({ordered[0]:,.0f}–{ordered[-1]:,.0f})" if len(ordered) > 1 else ""
    return f"{middle:,.0f} ms{spread}" if middle >= 10 else f"{middle:.1f} ms{spread}"


def text_of(result: Result) -> str:
    """For a terminal."""
    lines = [result.name]
    if result.skipped:
        lines.append(f"  skipped: {result.skipped}")
    for row in result.rows:
        mark = {True: "ok  ", False: "FAIL", None: "    "}[row.holds]
        asked = f"  (asked: {row.asked})" if row.asked else ""
        lines.append(f"  {mark} {row.what}: {row.measured}{asked}")
    return "\n".join(lines)


def page_of(results: t.Iterable[Result]) -> str:
    """docs/performance.md."""
    parts = [_HEAD.format(machine=machine(), date=datetime.date.today().isoformat())]
    parts += [_section(result) for result in results]
    return "\n".join(parts)


_HEAD = """\
# Performance

Measured by `make bench`, which also wrote this page. Times are medians, with the fastest and the slowest in brackets.

* Machine: {machine}
* Date: {date}
"""


def _section(result: Result) -> str:
    lines = [f"## {result.name}", "", result.about, ""]
    if result.skipped:
        return "\n".join([*lines, f"Not measured: {result.skipped}.", ""])
    lines += ["| what | measured | asked | kept |", "|---|---|---|---|"]
    for row in result.rows:
        kept = {True: "yes", False: "**no**", None: ""}[row.holds]
        lines.append(f"| {row.what} | {row.measured} | {row.asked} | {kept} |")
    return "\n".join([*lines, ""])


def machine() -> str:
    """Processor, memory, kernel, Python: what a time depends on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    kernel = re.match(r"[0-9.]+", platform.release())
    return (
        f"{os.cpu_count()} × {_processor()}, {memory:.0f} GiB, Linux {kernel.group() if kernel else '?'}, "
        f"Python {platform.python_version()}"
    )


def _processor() -> str:
    match = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return match[1].strip() if match else platform.machine()
