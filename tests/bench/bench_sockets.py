# SPDX-License-Identifier: GPL-3.0-or-later
"""On a busy host made for the purpose, in namespaces of its own: the time that section `sockets` of `port_facts` takes,
owners included, beside `ss -tulnpH`, which tells less. Five pairs, one after the other, each in a new process.

"Before owners" is what is done before anybody looks for processes: the kernel's answer, read and understood.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import statistics
import sys
import typing as t
from pathlib import Path

from tests.bench.busyhost import Load, on_a_busy_host
from tests.bench.results import Row, Skipped, milliseconds

NAME = "Sockets of a busy host"

QUIET = Load()
CONNECTED = dataclasses.replace(QUIET, established=50000)
_SHARE = 0.5  # of the time that ss takes
_MEGABYTES = 80
_STEADY = 1.25  # how much longer the part before owners may take beside many connections, for noise


def run(slow: bool) -> t.Iterator[Row]:
    needed = [program for program in ("ss", "unshare", "ip") if not shutil.which(program)]
    if os.geteuid() != 0 or needed:
        raise Skipped(f"needs {', '.join(needed)}" if needed else "needs root")
    quiet, connected = _measured(QUIET), _measured(CONNECTED)
    yield from _rows(quiet, str(QUIET))
    yield from _rows(connected, f"the same and {CONNECTED.established:,} connections")
    yield _steadiness(quiet, connected)


def _measured(load: Load) -> t.Any:
    folder = Path(__file__).parent
    collections = os.environ.get("ANSIBLE_COLLECTIONS_PATH", "").split(os.pathsep)[0]
    told = json.loads(on_a_busy_host(load, sys.executable, str(folder / "measure_sockets.py"), collections))
    for one in told["section"]:
        if not one["sockets"] == one["owned"] == told["ss"][0]["sockets"]:
            raise AssertionError(f"the section and ss do not tell the same sockets: {one}, {told['ss'][0]}")
    return told


def _times(told: t.Any, what: str) -> list[float]:
    return [one["ms"] for one in told[what]]


def _rows(told: t.Any, where: str) -> t.Iterator[Row]:
    ours, theirs = _times(told, "section"), _times(told, "ss")
    share = statistics.median(ours) / statistics.median(theirs)
    yield Row(f"{where}: `ss -tulnpH`", milliseconds(theirs))
    yield Row(
        f"{where}: section `sockets`",
        f"{milliseconds(ours)}, {share:.0%} of `ss`",
        f"at most {_SHARE:.0%}",
        share <= _SHARE,
    )
    started = max(one["processes"] for one in told["section"])
    yield Row(f"{where}: processes started", str(started), "0", started == 0)
    peak = max(one["megabytes"] for one in told["section"])
    yield Row(f"{where}: peak memory", f"{peak:.0f} MB", f"under {_MEGABYTES} MB", peak < _MEGABYTES)


def _steadiness(quiet: t.Any, connected: t.Any) -> Row:
    """By the fastest of five: it is a few milliseconds, and whatever else the machine does only adds to them."""
    before, after = _times(quiet, "before"), _times(connected, "before")
    measured = f"{min(before):.0f} ms without, {min(after):.0f} ms with (fastest of {len(before)})"
    what = f"before owners, without and with {CONNECTED.established:,} connections"
    return Row(what, measured, "the same", min(after) <= _STEADY * min(before))
