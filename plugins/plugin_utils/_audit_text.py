# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""An audit in the words of a person: for a terminal and as Markdown."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._core.shown import shown as visible
from ansible_collections.dockmaster.ports.plugins.plugin_utils._audit import LEVELS, HostAudit, Line, worst

TITLES = {
    "exposed": "EXPOSED",
    "blocked": "BLOCKED",
    "diverted": "DIVERTED",
    "at_risk": "AT RISK",
    "orphan": "ORPHAN",
    "policy": "POLICY",
    "unknown": "UNKNOWN",
    "open": "OPEN",
}
QUIET_HOSTS = 20  # hosts without a finding that are named one by one

_INDENT = "  "


@dataclass(frozen=True)
class Said:
    """A line for a terminal. level: one of LEVELS, or failed, host, quiet: what it is coloured by."""

    text: str
    level: str = ""


def ranked(hosts: t.Iterable[HostAudit]) -> list[HostAudit]:
    return sorted(hosts, key=lambda host: (worst(host), host.name))


def terminal(
    hosts: t.Iterable[HostAudit], report: str = "", nothing: str = "; nothing found", missing: str = "not audited"
) -> list[Said]:
    """One block a host, the worst first, the fleet last.

    nothing: what is said after the summary of a host without a finding. missing: as of `fleet`.
    """
    order = ranked(hosts)
    width = min(24, max((len(visible(host.name)) for host in order), default=0))
    lines: list[Said] = []
    quiet = [host for host in order if not host.failed and not host.lines and not host.partial]
    hidden = {host.name for host in quiet[QUIET_HOSTS:]}
    for host in order:
        if host.name not in hidden:
            lines += _block(host, width, nothing)
    if hidden:
        lines.append(Said(f"and {len(hidden)} more hosts with nothing found", "quiet"))
    last = f"{'fleet':<{width}} {fleet(order, missing)}." + (f" Report: {report}" if report else "")
    return [*lines, Said(last, "host")]


def _block(host: HostAudit, width: int, nothing: str) -> list[Said]:
    name = f"{visible(host.name):<{width}}"
    if host.failed:
        return [Said(f"{name} {visible(host.failed)}", "failed")]
    nothing += " in what was seen" if nothing and host.partial else ""
    said = [Said(f"{name} {visible(host.summary)}{'' if host.lines else nothing}", "host")]
    for line in host.lines:
        said.append(Said(f"{_INDENT}{TITLES[line.level]:<9} {visible(line.text)}", line.level))
        if line.next:
            said.append(Said(f"{_INDENT}{'':<9} next: {visible(line.next)}"))
    if host.unseen:
        said.append(Said(f"{_INDENT}not seen: {visible('; '.join(host.unseen))}"))
    return said


def fleet(hosts: t.Sequence[HostAudit], missing: str = "not audited") -> str:
    """All hosts in one line. missing: what the hosts are that nothing is known of."""
    counts = [(sum(host.count(level) for host in hosts), TITLES[level].lower()) for level in LEVELS]
    told = ", ".join(f"{count} {word}" for count, word in counts if count)
    with_findings = sum(1 for host in hosts if host.lines)
    failed = sum(1 for host in hosts if host.failed)
    partial = sum(1 for host in hosts if host.partial)
    parts = [f"{with_findings} with findings" + (f" ({told})" if told else "")]
    if failed:
        parts.append(f"{failed} {missing}")
    if partial:
        parts.append(f"{partial} seen in part")
    return f"{len(hosts)} host{'' if len(hosts) == 1 else 's'}: {', '.join(parts)}"


def markdown(hosts: t.Iterable[HostAudit], when: str) -> str:
    """The report for people. when: the time it was made, as text."""
    order = ranked(hosts)
    out = ["# Port audit", "", f"{when}. {fleet(order)}.", "", "| host | found | |", "|---|---|---|"]
    for host in order:
        out.append(f"| {_cell(host.name)} | {_cell(_counts(host))} | {_cell(host.failed or host.summary)} |")
    for host in order:
        if host.lines or host.unseen:
            out += ["", f"## {_cell(host.name)}", "", *_items(host)]
    return "\n".join(out) + "\n"


def _counts(host: HostAudit) -> str:
    told = ", ".join(f"{host.count(level)} {TITLES[level].lower()}" for level in LEVELS if host.count(level))
    nothing = "nothing in what was seen" if host.partial else "nothing"
    return "not audited" if host.failed else told or nothing


def _items(host: HostAudit) -> t.Iterator[str]:
    for line in host.lines:
        yield f"- **{TITLES[line.level]}** {_cell(line.text)}"
        if line.next:
            yield f"  - next: {_cell(line.next)}"
    for what in host.unseen:
        yield f"- not seen: {_cell(what)}"


def _cell(text: str) -> str:
    """Text that Markdown leaves as it is."""
    shown = visible(text)
    for sign in "\\`*_[]<>|":
        shown = shown.replace(sign, "\\" + sign)
    return shown


def as_data(host: HostAudit) -> dict[str, t.Any]:
    """A host in the JSON report."""
    return {
        "name": host.name,
        "failed": host.failed,
        "summary": host.summary,
        "lines": [_line(line) for line in host.lines],
        "unseen": list(host.unseen),
        "partial": host.partial,
    }


def _line(line: Line) -> dict[str, t.Any]:
    return {"level": line.level, "by": line.by, "text": line.text, "next": line.next}
