# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs stages, some at a time, and says in one table how they went."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import re
import signal
import subprocess
import threading
import time
import typing as t

from tests.tools.jobs import Count, Failed, Job, Skipped, Stage, skip
from tests.tools.paths import ROOT, Missing

WORKERS = 3  # of stages on two cores: each waits for engines and timeouts a good part of its time
TAIL = 100  # lines of a failed stage's log that are shown
LAST = 12  # of them, those that are shown again below the table: who reads the end of a long log sees why it failed
NOISE = re.compile(  # of pip
    r" *(Collecting|Downloading|Looking in|Processing|Requirement already|Installing collected|Successfully installed"
    r"|Using cached|Attempting uninstall|Found existing|Uninstalling|Successfully uninstalled|━|WARNING: Location) ?"
)
_printing = threading.Lock()
_running: list[Job] = []
_stopping = threading.Event()


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How one stage went, and in how many seconds."""

    name: str
    seconds: float
    count: Count
    note: str = ""
    log: tuple[str, ...] = ()  # what a stage that failed printed

    @property
    def word(self) -> str:
        if self.count.failed:
            return "FAILED"
        return "passed" if self.count.passed else "skipped"


def run(first: t.Sequence[Stage], together: t.Sequence[Stage], last: t.Sequence[Stage] = ()) -> int:
    """The exit code: 0 if nothing failed. `first` and `last` run one by one; if one of `first` fails that is all."""
    begun = time.monotonic()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        outcomes = _outcomes(first, together, last)
    except KeyboardInterrupt:
        _say("stopped")
        return 130
    total = sum((outcome.count for outcome in outcomes), Count())
    _say(_table(outcomes))
    _say(f"in {_clock(time.monotonic() - begun)}; the full output of every stage is in tests/output/logs")
    for outcome in outcomes:
        if outcome.count.failed:
            _say("\n".join([f"\n{outcome.name} failed: {outcome.note}", *outcome.log[-LAST:]]))
    _say(f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped")
    return 1 if total.failed else 0


def _outcomes(first: t.Sequence[Stage], together: t.Sequence[Stage], last: t.Sequence[Stage]) -> list[Outcome]:
    outcomes = [_run_one(stage) for stage in first]
    if any(outcome.count.failed for outcome in outcomes):
        return outcomes
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        try:
            outcomes += pool.map(_run_one, together)
        except KeyboardInterrupt:
            _stopping.set()  # the commands are in sessions of their own, and heard nothing
            for job in list(_running):
                job.cancel()
            raise
    return outcomes + [_run_one(stage) for stage in last]


def _run_one(stage: Stage) -> Outcome:
    begun = time.monotonic()
    job = Job(stage.name, stage.timeout, stage.grace)
    _running.append(job)
    count, note = _counted(stage, job)
    _running.remove(job)
    log = tuple(_lines(job)) if count.failed else ()
    outcome = Outcome(stage.name, time.monotonic() - begun, count, note, log)
    if not _stopping.is_set():
        _say(f"{outcome.word:8}{outcome.name:20}{_clock(outcome.seconds):>8}  {note}".rstrip())
    return outcome


def _counted(stage: Stage, job: Job) -> tuple[Count, str]:
    """How many tests went how, and what there is to say about it."""
    if _stopping.is_set():
        return Count(skipped=1), "stopped"
    try:
        count = stage.run(job) or Count(passed=1)
        if not (count.passed or count.failed):
            raise Failed("not a single test ran")
        return count, "; ".join(job.notes)
    except Skipped as exc:
        return skip(), str(exc)
    except Missing as exc:
        return Count(failed=1), str(exc)
    except (Failed, OSError, subprocess.CalledProcessError) as exc:
        counted = job.count or Count()
        note = "; ".join([str(exc), *job.notes])
        if not _stopping.is_set():
            _show_log(stage, job, note)
        return dataclasses.replace(counted, failed=max(1, counted.failed)), note


def _show_log(stage: Stage, job: Job, note: str) -> None:
    lines = _lines(job)
    cut = [f"… {len(lines) - TAIL} lines more are in {job.log.relative_to(ROOT)}"] if len(lines) > TAIL else []
    _say("\n".join([f"---- {stage.name}: {note}", *cut, *lines[-TAIL:], f"---- end of {stage.name}"]))


def _lines(job: Job) -> list[str]:
    return [line for line in job.text().splitlines() if not NOISE.match(line)]


def _table(outcomes: t.Sequence[Outcome]) -> str:
    rows = [f"\n{'stage':20}{'result':10}{'time':>8}{'passed':>8}{'failed':>8}{'skipped':>9}"]
    for outcome in outcomes:
        count = outcome.count
        numbers = f"{count.passed:8}{count.failed:8}{count.skipped:9}"
        rows.append(f"{outcome.name:20}{outcome.word:10}{_clock(outcome.seconds):>8}{numbers}  {outcome.note}".rstrip())
    return "\n".join(rows)


def _clock(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds) // 60}:{int(seconds) % 60:02} min"


def _say(text: str) -> None:
    with _printing:
        print(text, flush=True)
