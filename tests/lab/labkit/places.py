# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the lab keeps what, and how things that it makes are called.

One engine serves every run of one cache; a run's containers, networks, volumes and namespaces carry its id.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import typing as t
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
CHECKOUT = HERE.parent.parent


def cache() -> Path:
    """The folder that is kept: images, the engine's data. Outside the repository."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(base) / "dockmaster-lab"


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:6]


def engine_id() -> str:
    """Names the engine: two caches have two engines, which share nothing."""
    return _short(str(cache()))


def run_id() -> str:
    """Names the run: LAB_RUN, or one for this checkout."""
    return os.environ.get("LAB_RUN") or "c" + _short(str(CHECKOUT))


def runtime() -> Path:
    """What lives as long as the engine: sockets, pid files, one folder a run. Gone after a reboot, as the engine is."""
    return Path("/run") / f"dockmaster-lab-{engine_id()}"


def run_dir(run: t.Optional[str] = None) -> Path:
    """The folder of a run: keys, inventory, locks."""
    return runtime() / "runs" / (run or run_id())


def netns() -> str:
    """The network namespace that the engine and all its bridges and rules live in."""
    return f"dmlab-{engine_id()}"


def _started(pid: int) -> str:
    """When a process began, in clock ticks since boot; empty if it is no more. Source: proc_pid_stat(5), fields 3, 22.

    One that ended stays as a zombie for as long as nobody asks how.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]


def own_run(run: str) -> None:
    """Begin a run that ends with this process."""
    run_dir(run).mkdir(mode=0o700, parents=True)
    (run_dir(run) / "owner").write_text(f"{os.getpid()} {_started(os.getpid())}")


def forsaken(run: str) -> bool:
    """True if the run belonged to a process that ended without taking it down."""
    owner = run_dir(run) / "owner"
    if not owner.exists():
        return False
    pid, _blank, started = owner.read_text().partition(" ")
    return not started or _started(int(pid)) != started


@contextlib.contextmanager
def locked(path: Path) -> t.Iterator[None]:
    """Hold a lock file: two labs at once wait for each other here."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def engine_lock() -> t.ContextManager[None]:
    """Hold while the engine, or the list of its runs, changes."""
    return locked(cache() / "lock")
