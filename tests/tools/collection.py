# SPDX-License-Identifier: GPL-3.0-or-later
"""The checkout as Ansible wants to see it: under a folder named ansible_collections/dockmaster/ports."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import typing as t
from pathlib import Path

from tests.tools import packages
from tests.tools.paths import COLLECTIONS, ROOT

HOME = Path("ansible_collections/dockmaster/ports")
_NOT_OURS = {".git", ".venv", ".ansible", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache", "__pycache__"}


def link() -> Path:
    """A tree whose leaf is the checkout itself: ansible and ansible-lint follow the link, and see every edit."""
    leaf = COLLECTIONS / HOME
    leaf.parent.mkdir(parents=True, exist_ok=True)
    if not (leaf.is_symlink() and leaf.resolve() == ROOT):
        with contextlib.suppress(FileNotFoundError):
            leaf.unlink()
        leaf.symlink_to(os.path.relpath(ROOT, leaf.parent))
    return COLLECTIONS


@contextlib.contextmanager
def copied() -> t.Iterator[Path]:
    """A copy without anything git ignores, for tools that write into the collection or resolve links (ansible-test)."""
    with tempfile.TemporaryDirectory(prefix="dockmaster-ports-") as folder:
        home = Path(folder).resolve() / HOME
        for name in files():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, home / name, follow_symlinks=False)
        yield home


def files() -> list[str]:
    """Every file of the checkout, new ones too."""
    if not ((ROOT / ".git").exists() and packages.find("git")):
        return sorted(_walk())
    # Another user's checkout is no danger here: nothing of its configuration is run.
    argv = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    return sorted(name for name in set(listed.split("\0")) if name and os.path.lexists(ROOT / name))


def _walk() -> t.Iterator[str]:
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in _NOT_OURS]
        for name in names:
            path = Path(folder, name).relative_to(ROOT)
            if path.parts[:2] != ("tests", "output"):
                yield str(path)
