# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import tempfile
import time

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._files import (
    Changed,
    remove,
    replace,
    told,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._lock import alone_in

OLD, NEW = b'{"old": true}\n', b'{"new": true}\n' * 2000
KILLED = 100  # times


class Module:
    """What `replace` uses of an AnsibleModule, with the same system calls."""

    def __init__(self, check_mode=False, **params):
        self.check_mode = check_mode
        self.params = params

    def backup_local(self, path):
        kept = path + ".kept"
        with open(path, "rb") as source, open(kept, "wb") as copy:
            copy.write(source.read())
        return kept

    def add_cleanup_file(self, path):
        self.temporary = path

    def atomic_move(self, src, dest, unsafe_writes):
        self.unsafe_writes = unsafe_writes
        os.rename(src, dest)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "daemon.json"
    path.write_bytes(OLD)
    return path


def test_replaces_and_keeps_a_copy(path):
    kept = replace(Module(), str(path), OLD, NEW, backup=True)

    assert path.read_bytes() == NEW
    assert kept == f"{path}.kept"
    assert sorted(os.listdir(path.parent)) == ["daemon.json", "daemon.json.kept"]


@pytest.mark.parametrize("allowed", [True, False])
def test_writes_in_more_steps_only_if_told_so(path, allowed):
    module = Module(unsafe_writes=allowed)
    replace(module, str(path), OLD, NEW, backup=False)

    assert module.unsafe_writes is allowed


def test_makes_folders(tmp_path):
    path = tmp_path / "etc/docker/daemon.json"

    assert replace(Module(), str(path), None, NEW, backup=True) == ""
    assert path.read_bytes() == NEW


def test_in_check_mode_it_only_looks(path):
    assert replace(Module(check_mode=True), str(path), OLD, NEW, backup=True) == ""
    assert path.read_bytes() == OLD
    assert os.listdir(path.parent) == ["daemon.json"]


@pytest.mark.parametrize("expected, now", [(OLD, b"other"), (None, OLD), (OLD, None)])
def test_leaves_alone_what_somebody_else_changed_meanwhile(path, expected, now):
    path.unlink()
    if now is not None:
        path.write_bytes(now)

    with pytest.raises(Changed) as raised:
        replace(Module(), str(path), expected, NEW, backup=False)

    assert str(raised.value) == f"{path} was changed by somebody else meanwhile: it was left as it is now"
    assert (path.read_bytes() if path.exists() else None) == now


@pytest.fixture
def closed():
    """A folder that nobody but root may write in, and that everybody reaches."""
    folder = tempfile.mkdtemp()
    with open(f"{folder}/daemon.json", "wb") as file:
        file.write(OLD)
    os.chmod(folder, 0o555)
    yield folder
    os.chmod(folder, 0o755)
    shutil.rmtree(folder)


def as_nobody(work):
    """What is printed by a child that is not root."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setuid(65534)
            os.write(writer, work().encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as told_by_child:
        said = told_by_child.read()
    os.waitpid(child, 0)
    return said


def refused(work):
    try:
        work()
    except OSError as exc:
        return told(exc)
    return "done"


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("name, old", [("daemon.json", OLD), ("new.json", None), ("new/daemon.json", None)])
def test_check_mode_says_what_the_real_run_would(closed, check_mode, name, old):
    path = f"{closed}/{name}"

    assert as_nobody(lambda: refused(lambda: replace(Module(check_mode), path, old, NEW, backup=False))) == (
        f"{path}: permission denied"
    )


@pytest.mark.parametrize("check_mode", [True, False])
def test_check_mode_says_what_the_real_removal_would(closed, check_mode):
    path = f"{closed}/daemon.json"

    assert as_nobody(lambda: refused(lambda: remove(Module(check_mode), path, OLD))) == f"{path}: permission denied"


def test_where_nothing_more_fits_the_file_stays_and_is_named(path):
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, old[1]))  # bytes
    try:
        with pytest.raises(OSError) as raised:
            replace(Module(), str(path), OLD, NEW, backup=False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)

    assert told(raised.value) == f"{path}: file too large"
    assert path.read_bytes() == OLD
    assert os.listdir(path.parent) == ["daemon.json"]


TOLD = [
    (OSError(13, "Permission denied", "/etc/docker"), "/etc/docker: permission denied"),
    (OSError(28, "No space left on device"), "no space left on device"),
    (OSError("Odd"), "odd"),
]


@pytest.mark.parametrize("exc, said", TOLD)
def test_told(exc, said):
    assert told(exc) == said


def test_killed_at_any_moment_the_file_is_the_old_or_the_new_one(path):
    """The child writes in turns; it is killed somewhere in the middle, and what is there must be whole.

    How long a write takes is the disk's affair: the longer nothing was written, the longer the child lives.
    """
    seen, longest = set(), 0.004
    for _turn in range(KILLED):
        content = path.read_bytes()
        child = os.fork()
        if child == 0:
            while True:
                other = OLD if content == NEW else NEW
                replace(Module(), str(path), content, other, backup=False)
                content = other
        time.sleep(random.uniform(0, longest))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        seen.add(path.read_bytes())
        longest *= 1.1 if path.read_bytes() == content else 0.9
    assert seen == {OLD, NEW}


def test_of_many_writers_at_once_none_is_lost(tmp_path):
    """Ten processes count to five each in one file, each under the lock."""
    path = tmp_path / "count"
    path.write_bytes(b"0")
    children = []
    for _turn in range(10):
        child = os.fork()
        if child == 0:
            try:
                for _turn in range(5):
                    with alone_in(str(tmp_path)):
                        old = path.read_bytes()
                        replace(Module(), str(path), old, b"%d" % (int(old) + 1), backup=False)
            finally:
                os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)

    assert path.read_bytes() == b"50"
