# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The door to the machine that this runs on.

What few tasks need is imported where it is used: a target compiles whatever is imported, each time.
"""

from __future__ import annotations

import contextlib
import errno
import os
import threading
import time
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils import _live_netlink
from ansible_collections.dockmaster.ports.plugins.module_utils._engine_api import EngineApi
from ansible_collections.dockmaster.ports.plugins.module_utils._host import (
    BECOME,
    CAPABLE,
    Answer,
    Missing,
    Output,
    Refused,
    Tried,
    Unseen,
)

_PERMISSION = (errno.EACCES, errno.EPERM)
_MISSING = (errno.ENOENT, errno.ENOTDIR, errno.ESRCH)  # ESRCH: a process that ended, under its number in /proc
_CHUNK = 1 << 16


class LiveHost:
    """The machine that this runs on. timeout: seconds that any one command or API call may take."""

    def __init__(self, timeout: float = 10.0, api: t.Optional[EngineApi] = None) -> None:
        self.timeout = timeout
        self._api = api or EngineApi(timeout)

    def read(self, path: str) -> str:
        with _seeing(path):
            return _contents(path).decode("utf-8", "surrogateescape")

    def names(self, path: str) -> t.List[str]:
        with _seeing(path):
            return os.listdir(path)

    def link(self, path: str) -> str:
        with _seeing(path):
            return os.readlink(path)

    def links(self, path: str) -> t.List[str]:
        with _seeing(path):
            folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                return list(_targets(folder))
            finally:
                os.close(folder)

    def run(self, *argv: str) -> Output:
        from ansible_collections.dockmaster.ports.plugins.module_utils import _live_command

        return _live_command.run(argv, self.timeout)

    def netlink(self, protocol: int, request: bytes) -> t.List[bytes]:
        with _seeing("netlink"):
            return _live_netlink.dump(protocol, request, self.timeout)

    def begin_netlink(self, protocol: int, request: bytes) -> t.Callable[[], t.List[bytes]]:
        """A thread and no pool of them: concurrent.futures takes longer to import than the kernel to answer."""
        answers: t.List[t.List[bytes]] = []
        refusals: t.List[Unseen] = []

        def ask() -> None:
            try:
                answers.append(self.netlink(protocol, request))
            except Unseen as exc:
                refusals.append(exc)

        def answer() -> t.List[bytes]:
            thread.join()
            if refusals:
                raise refusals[0]
            return answers[0]

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        return answer

    def api(self, endpoint: str, path: str) -> Answer:
        return self._api.get(endpoint, path)

    def bind(self, ip: str, protocol: str, port: int, reuse_address: bool) -> Tried:
        from ansible_collections.dockmaster.ports.plugins.module_utils._live_bind import try_bind

        return try_bind(ip, protocol, port, reuse_address)

    def now(self) -> float:
        return time.time()


@contextlib.contextmanager
def _seeing(source: str) -> t.Iterator[None]:
    try:
        yield
    except OSError as exc:
        why = f"{source}: {(exc.strerror or str(exc)).lower()}"
        if exc.errno in _PERMISSION:
            raise Refused(why, BECOME if os.geteuid() else CAPABLE) from exc
        raise (Missing if exc.errno in _MISSING else Unseen)(why) from exc


def _contents(path: str) -> bytes:
    """A whole file by bare reads: a process has several of them, and a text stream costs four times that."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        chunks = [os.read(file, _CHUNK)]
        while chunks[-1]:
            chunks.append(os.read(file, _CHUNK))
    finally:
        os.close(file)
    return b"".join(chunks)


def _targets(folder: int) -> t.Iterator[str]:
    """Relative to the open folder: the kernel then walks one name a link, not the whole path."""
    readlink = os.readlink
    for name in os.listdir(folder):
        try:
            yield readlink(name, dir_fd=folder)
        except PermissionError:  # root may list what it may not read, if the process has capabilities that it lacks
            raise
        except OSError:  # closed meanwhile
            continue
