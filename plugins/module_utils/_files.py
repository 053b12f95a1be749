# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Files that several programs read and write: always whole, and never over what somebody else wrote meanwhile."""

from __future__ import annotations

import errno
import os
import tempfile
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._lock import PATIENCE, locked

PREFIX = ".ansible_tmp"  # as Ansible itself names what it leaves if it is killed


class Changed(ValueError):
    """A file is not what it was a moment ago."""


class Module(t.Protocol):
    """What of an AnsibleModule is used here."""

    check_mode: bool
    params: t.Mapping[str, t.Any]

    def backup_local(self, path: str) -> str: ...

    def add_cleanup_file(self, path: str) -> None: ...

    def atomic_move(self, src: str, dest: str, unsafe_writes: bool = False) -> None: ...


def replace(module: Module, path: str, old: t.Optional[bytes], new: bytes, backup: bool) -> str:
    """Puts a file in the place of another in one step, if that still holds `old` (None: if there still is none).

    In more steps where one is impossible, as for a file that is mounted by itself, if the user said unsafe_writes.
    Returns the path of the copy that was kept, if any. In check mode it only looks whether it could.
    Raises Changed, OSError.
    """
    if module.check_mode:
        look_whether_writable(path)
        return ""
    folder = os.path.dirname(path)
    if os.path.isdir(folder):
        return _replace(module, path, old, new, backup)
    look_whether_writable(path)
    os.makedirs(folder, mode=0o755, exist_ok=True)
    with locked(folder, PATIENCE):
        return _replace(module, path, old, new, backup)


def _replace(module: Module, path: str, old: t.Optional[bytes], new: bytes, backup: bool) -> str:
    temporary = write_beside(path, new)
    module.add_cleanup_file(temporary)
    kept = module.backup_local(path) if backup and old is not None else ""
    if content(path) != old:
        raise Changed(f"{path} was changed by somebody else meanwhile: it was left as it is now")
    module.atomic_move(temporary, path, bool(module.params.get("unsafe_writes")))
    settle(os.path.dirname(path))
    return kept


def remove(module: Module, path: str, old: bytes) -> None:
    """Removes a file that still holds `old`. Raises Changed, OSError."""
    if module.check_mode:
        return look_whether_writable(path)
    if content(path) != old:
        raise Changed(f"{path} was changed by somebody else meanwhile: it was left as it is now")
    os.unlink(path)
    return settle(os.path.dirname(path))


def content(path: str) -> t.Optional[bytes]:
    """None where there is no such file. Raises OSError."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def look_whether_writable(path: str) -> None:
    """Raises OSError where a file could not be written: in its folder, or in the nearest one above it."""
    folder = os.path.dirname(path)
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    if os.access(folder, os.W_OK):
        return
    read_only = os.statvfs(folder).f_flag & os.ST_RDONLY
    code = errno.EROFS if read_only else errno.EACCES
    raise OSError(code, os.strerror(code), path)


def write_beside(path: str, content: bytes) -> str:
    """A new file in the same folder, on the disk when this returns: to be renamed onto the path.

    Raises OSError, which names the path: a disk that is full tells nothing of where it was met.
    """
    try:
        handle, temporary = tempfile.mkstemp(prefix=PREFIX, suffix=os.path.basename(path), dir=os.path.dirname(path))
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as exc:
        raise OSError(exc.errno, exc.strerror, path) from exc
    return temporary


def swap_link(path: str, target: str) -> None:
    """A symbolic link in the place of whatever is there, in one step. Raises OSError."""
    temporary = f"{path}{PREFIX}{os.getpid()}"
    os.symlink(target, temporary)
    try:
        os.rename(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise
    settle(os.path.dirname(path))


def settle(folder: str) -> None:
    """The folder's own entries on the disk too, so that a rename outlives a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def told(exc: OSError) -> str:
    """For people: `/etc/docker: permission denied`; without a path where there is none."""
    why = (exc.strerror or str(exc)).lower()
    return f"{exc.filename}: {why}" if exc.filename else why
