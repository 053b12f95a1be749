# SPDX-License-Identifier: GPL-3.0-or-later
"""Running programs on the machine that the lab runs on."""

from __future__ import annotations

import subprocess
import typing as t
from dataclasses import dataclass

from .errors import LabError


@dataclass(frozen=True)
class Ran:
    """What a finished program said."""

    argv: tuple[str, ...]
    rc: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """Everything it said, on one line: for messages."""
        return " ".join((self.out + " " + self.err).split())

    def must(self, what: str, fix: str = "look at the text before") -> Ran:
        """Itself, if it succeeded. Raises LabError if not."""
        if self.rc:
            raise LabError(f"{what}: {' '.join(self.argv[:4])} … ended with {self.rc}: {self.text[-600:]}", fix)
        return self


def run(*argv: str, stdin: t.Optional[str] = None, timeout: float = 120, env: t.Optional[dict[str, str]] = None) -> Ran:
    """Run a program to its end. Raises LabError if it is not there or takes longer than `timeout` seconds."""
    try:
        done = subprocess.run(
            argv,
            input=stdin if stdin is not None else "",  # never the terminal's: ssh makes it non-blocking for everybody
            capture_output=True,
            text=True,
            timeout=timeout,
            env=env,
            errors="replace",
            check=False,
        )
    except FileNotFoundError as exc:
        raise LabError(f"{argv[0]} is not installed", "run `tests/lab/lab build` as root, which installs it") from exc
    except subprocess.TimeoutExpired as exc:
        raise LabError(
            f"{' '.join(argv[:6])} … took longer than {timeout} s", "see whether the machine is overloaded"
        ) from exc
    return Ran(argv, done.returncode, done.stdout, done.stderr)
