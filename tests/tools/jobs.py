# SPDX-License-Identifier: GPL-3.0-or-later
"""A stage of the test run: what it is called, how long it may take, and how its commands are run and logged."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import time
import typing as t
from pathlib import Path

from tests.tools.packages import SYSTEM_PATH
from tests.tools.paths import LOGS, ROOT

CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")


class Failed(Exception):
    """A command of a stage failed, or took too long."""


class Skipped(Exception):
    """This machine cannot run the stage."""


@dataclasses.dataclass(frozen=True)
class Count:
    """How many tests passed, failed and were skipped. A stage without tests of its own counts as one."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)


def skip() -> Count:
    """What this machine cannot run is counted for a person, and is a failure in CI."""
    return Count(failed=1) if CI else Count(skipped=1)


class Job:
    """Runs the commands of one stage, all of them within its timeout, their output in one log."""

    def __init__(self, name: str, timeout: float, grace: float = 5.0) -> None:
        LOGS.mkdir(parents=True, exist_ok=True)
        self.log = LOGS / f"{name}.log"
        self.log.write_text("")
        self.timeout = timeout
        self.grace = grace
        self.count: Count | None = None  # what the tool counted, even when it failed
        self.notes: list[str] = []
        self._deadline = time.monotonic() + timeout
        self._process: subprocess.Popen[bytes] | None = None
        self._cancelled = False

    def run(self, *argv: str | Path, cwd: Path = ROOT, env: t.Mapping[str, str] | None = None) -> str:
        """The output of a command. Raises Failed unless it ends well and in time."""
        if self._cancelled:
            raise Failed("stopped")
        environment = {**os.environ, "PATH": SYSTEM_PATH, "PYTHONPATH": "", **(env or {})}
        with self.log.open("ab") as log:
            start = log.tell()
            log.write(f"$ {' '.join(map(str, argv))}\n".encode())
            log.flush()
            # A session of its own, so that whatever it starts can be ended with it.
            self._process = subprocess.Popen(
                argv, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        if self._cancelled:  # while it was started
            self.stop()
        try:
            code = self._process.wait(timeout=max(0.0, self._deadline - time.monotonic()))
        except subprocess.TimeoutExpired as exc:
            raise Failed(f"{Path(argv[0]).name} did not end: the stage may take {self.timeout:.0f} s") from exc
        finally:
            self.stop()
        with self.log.open("rb") as log:
            log.seek(start)
            output = log.read().decode(errors="replace")
        if code != 0:
            raise Failed(f"{Path(argv[0]).name} ended with {code}")
        return output

    def text(self) -> str:
        return self.log.read_text(errors="replace")

    def cancel(self) -> None:
        """End what runs, and run nothing more."""
        self._cancelled = True
        self.stop()

    def stop(self) -> None:
        """End what the command started and left, politely first."""
        process = self._process
        if process is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            if not _signal(process.pid, number) or _ended(process, within=self.grace):
                break
        process.wait()


def _signal(group: int, number: int) -> bool:
    """Whether the group still has a process that could be told."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


def _ended(process: subprocess.Popen[bytes], within: float) -> bool:
    end = time.monotonic() + within
    while time.monotonic() < end:
        process.poll()  # a leader nobody waits for would count as alive
        if not _signal(process.pid, 0):
            return True
        time.sleep(0.05)
    return False


@dataclasses.dataclass(frozen=True)
class Stage:
    """What `run` does with a job; it may return a count, and else counts as one test."""

    name: str
    run: t.Callable[[Job], Count | None]
    timeout: float  # seconds
    grace: float = 5.0  # seconds in which a command that is told to end may clean up
