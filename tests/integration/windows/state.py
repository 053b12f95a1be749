# SPDX-License-Identifier: GPL-3.0-or-later
"""What the double is: one JSON file, changed by its programs and by tests."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import sys
import typing as t
from pathlib import Path

VARIABLE = "WINDOWS_STATE"

NEW: t.Dict[str, t.Any] = {
    "language": "english",
    "page": 437,
    "elevated": True,
    "name": "WIN-DOUBLE",
    "version": "10.0.20348.0",
    "addresses": [
        {"ip": "192.0.2.7", "prefix": 24, "interface": "Ethernet"},
        {"ip": "fe80::1c2d%12", "prefix": 64, "interface": "Ethernet"},
        {"ip": "127.0.0.1", "prefix": 8, "interface": "Loopback Pseudo-Interface 1"},
        {"ip": "::1", "prefix": 128, "interface": "Loopback Pseudo-Interface 1"},
    ],
    "sockets": [{"protocol": "tcp", "ip": "0.0.0.0", "port": 445, "pid": 4, "state": "listening"}],
    "processes": [
        {"pid": 0, "name": "System Idle Process", "services": []},
        {"pid": 4, "name": "System", "services": []},
    ],
    "portproxy": [],
    "docker": None,
    "fail": {},
    "lose_after": None,
    "die_after": None,
    "kill_after": None,
    "stays_away": False,
    "calls": [],
}


class State:
    """The file. Programs find it by the environment."""

    def __init__(self, path: t.Union[str, Path, None] = None) -> None:
        self.path = Path(path or os.environ[VARIABLE])

    def read(self) -> t.Dict[str, t.Any]:
        with self._locked():
            return self._load()

    @contextlib.contextmanager
    def changing(self) -> t.Iterator[t.Dict[str, t.Any]]:
        """What is there, to be changed; written if nothing is raised."""
        with self._locked():
            state = self._load()
            yield state
            new = self.path.with_suffix(".new")
            new.write_text(json.dumps(state, indent=1, sort_keys=True), encoding="utf-8")
            new.replace(self.path)

    def _load(self) -> t.Dict[str, t.Any]:
        told = json.loads(self.path.read_text(encoding="utf-8")) if self.path.exists() else {}
        return {**json.loads(json.dumps(NEW)), **told}

    @contextlib.contextmanager
    def _locked(self) -> t.Iterator[None]:
        with open(self.path.with_suffix(".lock"), "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def say(text: str, state: t.Optional[t.Mapping[str, t.Any]] = None) -> None:
    """Print as Windows' own programs do: CRLF, in the OEM code page, a question mark for what that has not."""
    page = (state or State().read())["page"]
    sys.stdout.buffer.write(text.replace("\n", "\r\n").encode(f"cp{page}", "replace"))
    sys.stdout.buffer.flush()
