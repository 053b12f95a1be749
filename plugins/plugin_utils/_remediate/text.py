# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What became of a plan, in the words of a person: a table a host, and one list over all hosts. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.plugin_utils._audit_text import visible

Plain = t.Mapping[str, t.Any]

TITLES = {
    "failed": "FAILED",
    "no_help": "NO HELP",
    "unknown": "UNKNOWN",
    "skipped": "NOT TRIED",
    "suggested": "SUGGESTED",
    "left": "LEFT",
    "gone": "GONE",
    "planned": "PLAN",
    "done": "DONE",
}
"""Of each status, the worst first."""

BAD = ("failed", "no_help", "unknown")
"""Statuses after which nothing else is tried on a host."""

_UNTOUCHED = ("gone", "skipped")  # nothing was disrupted
_COUNTED = {
    "failed": "failed",
    "no_help": "did not help",
    "unknown": "not known to have helped",
    "skipped": "not tried",
    "suggested": "suggested",
    "left": "left",
    "gone": "gone already",
    "planned": "planned",
    "done": "done",
}
_NOTES = {
    "gone": "it was so no longer, and nothing was done",
    "no_help": "the remedy was taken, and it is still so",
    "skipped": "a remedy before it did not help",
}
_INDENT = " " * 2
_WIDTH = max(len(title) for title in TITLES.values())


@dataclass(frozen=True)
class Row:
    """One remedy, or one finding that was left. notes: lines below it."""

    status: str
    text: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class HostRecord:
    """failed: why there is no plan for a host, else empty."""

    name: str
    rows: tuple[Row, ...] = ()
    failed: str = ""

    @property
    def status(self) -> str:
        """The worst of it; `quiet` where there was nothing to do."""
        if self.failed:
            return "failed"
        return min((row.status for row in self.rows), key=list(TITLES).index, default="quiet")


def record_of(name: str, record: t.Any) -> HostRecord:
    """record: what role remediate keeps of a host; text where there is none: why."""
    failed = record["failed"] if isinstance(record, t.Mapping) else str(record)
    if failed:
        return HostRecord(name, failed=" ".join(failed.split()))
    rows = [_row(one) for one in record["steps"]]
    rows += [Row("left", one["summary"], (f"why: {one['why']}",)) for one in record["left"]]
    return HostRecord(name, tuple(rows))


def _row(step: Plain) -> Row:
    notes = [f"why: {summary}" for summary in step["why"]]
    if step["disrupts"] and step["status"] not in _UNTOUCHED:
        notes.append(f"disrupts: {step['disrupts']}")
    elif step["status"] == "planned":
        notes.append("disrupts: nothing")
    notes += [f"in detail: {line}" for line in step["told"]]
    said = step["note"] or _NOTES.get(step["status"], "")
    if said:
        notes.append(f"{'but' if step['status'] in BAD else 'so'}: {said}")
    return Row(step["status"], f"{step['remedy']}: {step['summary']}", tuple(notes))


def table(host: HostRecord, width: int = 0) -> list[str]:
    """One block of a host."""
    name = f"{visible(host.name):<{width}}"
    if host.failed:
        return [f"{name} {visible(host.failed)}"]
    lines = [f"{name} {counted([host])}"]
    for row in host.rows:
        lines.append(f"{_INDENT}{TITLES[row.status]:<{_WIDTH}} {visible(row.text)}")
        lines += [f"{_INDENT}{'':<{_WIDTH}} {visible(note)}" for note in row.notes]
    return lines


def fleet(hosts: t.Sequence[HostRecord]) -> list[str]:
    """All hosts, one line a remedy, the worst first; those with nothing to do are counted only."""
    width = max((len(visible(host.name)) for host in hosts), default=0)
    order = list(TITLES)
    lines = [(order.index("failed"), host.name, host.failed) for host in hosts if host.failed]
    lines += [(order.index(row.status), host.name, row.text) for host in hosts for row in host.rows]
    lines.sort(key=lambda line: line[:2])
    said = [
        f"{_INDENT}{TITLES[order[rank]]:<{_WIDTH}} {visible(name):<{width}} {visible(text)}"
        for rank, name, text in lines
    ]
    return [f"fleet  {headline(hosts)}", *said]


def headline(hosts: t.Sequence[HostRecord]) -> str:
    """All hosts in one line."""
    return f"{len(hosts)} host{'' if len(hosts) == 1 else 's'}: {counted(hosts)}"


def counted(hosts: t.Sequence[HostRecord]) -> str:
    """How many of each, the worst first."""
    unplanned = sum(1 for host in hosts if host.failed)
    counts = {status: sum(row.status == status for host in hosts for row in host.rows) for status in TITLES}
    told = [f"{count} {_COUNTED[status]}" for status, count in counts.items() if count]
    if unplanned:
        told.insert(0, f"{unplanned} without a plan")
    return ", ".join(told) or "nothing to do"
