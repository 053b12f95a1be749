# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What ps and launchctl say of processes that have sockets: two commands, however many processes there are.

Source: ps(1), launchctl(1) of macOS. `launchctl print` would tell more of a job, and costs a command each.
"""

from __future__ import annotations

import calendar
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.visible import visible

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STARTED = re.compile(
    r"\s*(\d{1,10})\s+[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4})(?:\s+(.*?)\s*)?"
)
_ARGUMENTS = re.compile(r"\s*(\d{1,10})\s+(.*?)\s*")
_JOB = re.compile(r"(\d{1,10})\t-?\d+\t(.+)")
_AN_APP = "application."  # launchd names every app that somebody opened, and starts none of them again


@dataclass(frozen=True)
class Process:
    """command: its program's name. started: seconds since the epoch. label: of the job that launchd keeps it for."""

    command: str = ""
    started: t.Optional[float] = None
    arguments: str = ""
    label: str = ""


def processes(host: Host, pids: t.Iterable[int], arguments: bool) -> t.Dict[int, Process]:
    """By number; those that ended meanwhile are left out. What a command does not tell is empty."""
    asked = ",".join(str(pid) for pid in sorted(set(pids)))
    if not asked:
        return {}
    lines = parse_arguments(_said(host, "ps", "-ww", "-o", "pid=,args=", "-p", asked)) if arguments else {}
    labels = parse_jobs(_said(host, "launchctl", "list"))
    started = parse_started(_said(host, "env", "TZ=UTC0", "ps", "-ww", "-o", "pid=,lstart=,comm=", "-p", asked))
    return {
        pid: Process(command, when, lines.get(pid, ""), labels.get(pid, "")) for pid, (when, command) in started.items()
    }


def _said(host: Host, *argv: str) -> str:
    """Names are a help, and no evidence: what cannot be asked says nothing."""
    try:
        return host.run(*argv).out
    except Unseen:
        return ""


def parse_started(text: str) -> t.Dict[int, t.Tuple[t.Optional[float], str]]:
    """`  812 Sat Nov 21 09:30:07 2026     /usr/sbin/httpd`, in UTC. macOS prints whole paths."""
    found = {}
    for match in filter(None, map(_STARTED.fullmatch, text.split("\n"))):
        found[int(match[1])] = (_seconds(match), visible((match[8] or "").rpartition("/")[2]))
    return found


def _seconds(match: t.Match[str]) -> t.Optional[float]:
    day, hour, minute, second, year = (int(match[i]) for i in (3, 4, 5, 6, 7))
    if match[2] not in _MONTHS or not 1 <= day <= 31 or hour > 23 or minute > 59 or second > 60 or year < 1970:
        return None
    return float(calendar.timegm((year, _MONTHS.index(match[2]) + 1, day, hour, minute, second)))


def parse_arguments(text: str) -> t.Dict[int, str]:
    """`  812 /usr/sbin/httpd -D FOREGROUND`."""
    return {int(match[1]): visible(match[2]) for match in map(_ARGUMENTS.fullmatch, text.split("\n")) if match}


def parse_jobs(text: str) -> t.Dict[int, str]:
    """`812\\t0\\torg.apache.httpd`; `-` for a job that does not run. Apps are left out."""
    jobs = (match for match in map(_JOB.fullmatch, text.split("\n")) if match)
    return {int(match[1]): visible(match[2]) for match in jobs if not match[2].startswith(_AN_APP)}
