# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The registry's file: read, replaced as a whole, and locked while it is."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pathlib
import tempfile
import typing as t

from ansible_collections.dockmaster.ports.plugins.plugin_utils._allocate.registry import (
    Registry,
    RegistryError,
    registry_of,
)

_CACHE: dict[str, tuple[tuple[int, ...], Registry]] = {}  # by path; reading 10,000 lines of YAML takes a while


def read(path: str) -> Registry:
    """The registry of a file; an empty one where there is none. Raises RegistryError."""
    try:
        with open(path, "rb") as file:
            stat = os.fstat(file.fileno())
            stamp = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
            if path not in _CACHE or _CACHE[path][0] != stamp:
                _CACHE[path] = stamp, registry_of(file.read().decode("utf-8"), path)
    except FileNotFoundError:
        return Registry()
    except UnicodeDecodeError as exc:
        raise RegistryError(f"{path}: byte {exc.start} is not UTF-8") from None
    except OSError as exc:
        raise RegistryError(f"{path}: {exc.strerror}") from None
    return _CACHE[path][1]


def write(path: str, registry: Registry) -> None:
    """Replace the file as a whole; its mode stays, and its owner where root writes. Raises RegistryError."""
    target = _file(path)
    try:
        before = target.stat() if target.exists() else None
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with open(handle, "w", encoding="utf-8") as file:
                file.write(registry.text())
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, before.st_mode & 0o7777 if before else 0o644)
            if before and os.geteuid() == 0:
                os.chown(temporary, before.st_uid, before.st_gid)
            os.replace(temporary, target)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as exc:
        raise RegistryError(f"{path}: {exc.strerror}") from None


def _file(path: str) -> pathlib.Path:
    """The file itself where the path is a link: replaced, the link would be gone, and what it leads to as it was."""
    return pathlib.Path(os.path.realpath(path))


@contextlib.contextmanager
def locked(path: str) -> t.Iterator[None]:
    """Nobody else writes the registry meanwhile, by whatever link they reach it. The lock file beside it stays, hidden.

    Raises RegistryError.
    """
    target = _file(path)
    lock_path = target.parent / f".{target.name}.lock"
    try:
        handle = os.open(lock_path, os.O_WRONLY | os.O_CREAT, 0o644)
    except OSError as exc:
        raise RegistryError(f"{lock_path}: {exc.strerror}") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
