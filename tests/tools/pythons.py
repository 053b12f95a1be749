# SPDX-License-Identifier: GPL-3.0-or-later
"""The Python interpreters of this machine that really run."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import typing as t
from pathlib import Path

NEWEST_CORE = "2.21"  # the newest ansible-core that we support; it needs Python 3.12
CONTROLLERS = ("3.14", "3.13", "3.12", "3.11")  # newest first
# What ansible-core 2.18 to 2.21 support on a target.
VERSIONS = tuple(f"3.{minor}" for minor in range(8, 15))
OWN = f"{sys.version_info[0]}.{sys.version_info[1]}"


@functools.cache
def find(version: str) -> Path | None:
    """An interpreter of that minor version; None if the machine has none that runs."""
    if version == OWN:
        return Path(sys.executable)
    return next((path for path in _candidates(version) if _is(path, version)), None)


def newest(*versions: str) -> Path | None:
    """The first that is there of some versions, given newest first."""
    return next((path for path in map(find, versions) if path), None)


def _candidates(version: str) -> t.Iterator[Path]:
    """In every folder of PATH, for the first may have a pyenv shim that only knows how to fail; then pyenv's own."""
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        yield Path(folder, f"python{version}")
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for installed in sorted(pyenv.glob(f"versions/{version}.*"), reverse=True):
        yield installed / "bin" / f"python{version}"
    yield from sorted((Path.home() / ".local/share/uv/python").glob(f"cpython-{version}.*/bin/python{version}"))


def _is(path: Path, version: str) -> bool:
    if not path.is_file():
        return False
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([path, "-c", code], capture_output=True, text=True, timeout=20, check=False)
    except OSError:  # not a program, or one for another machine
        return False
    return done.returncode == 0 and done.stdout.strip() == version
