# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""One run at a time changes a host."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
import typing as t

PATIENCE = 30.0  # seconds that one run waits for another


class Busy(ValueError):
    """Somebody else holds the lock."""


def alone_in(folder: str, patience: float = PATIENCE) -> t.ContextManager[None]:
    """Alone in a folder; where there is none yet, in the nearest one above it. Raises Busy, OSError."""
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    return locked(folder, patience)


@contextlib.contextmanager
def locked(folder: str, patience: float) -> t.Iterator[None]:
    """Alone in a folder, among those who lock it. patience: seconds to wait.

    The lock is the kernel's, on the folder itself: it leaves no file, works on a read-only one, ends with its process.
    Raises Busy, OSError.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _wait_for(handle, folder, time.monotonic() + patience, patience)
        yield
    finally:
        os.close(handle)


def _wait_for(handle: int, folder: str, until: float, patience: float) -> None:
    while True:
        try:
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            if exc.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise
        if time.monotonic() >= until:
            raise Busy(f"another run is changing {folder}: it was not done after {patience:g} s")
        time.sleep(0.05)
