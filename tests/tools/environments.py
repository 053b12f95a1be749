# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual environments under .venv: the controller's is .venv itself, each tool with needs of its own has one more.

An environment is made again when its Python or its requirements change.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

from tests.tools import packages
from tests.tools.paths import REQUIREMENTS, VENV, Missing

Run = t.Callable[..., t.Any]
_FLAGS = {"target": ("--no-deps", "--ignore-requires-python")}  # target.txt says why


def controller(run: Run, *requirements: str) -> Path:
    """The folder of programs of .venv, which has at least ansible-core and netaddr."""
    with _locked("controller"):
        return _environment(VENV, Path(sys.executable), requirements, run)


def extra(name: str, python: Path, requirements: t.Sequence[str], run: Run) -> Path:
    """The folder of programs of an environment beside the controller's."""
    with _locked(name):
        return _environment(VENV / "envs" / name, python, requirements, run)


def _environment(folder: Path, python: Path, requirements: t.Sequence[str], run: Run) -> Path:
    stamps = {name: _stamp(python, name) for name in requirements}
    marks = {name: folder / f".has-{name}" for name in requirements}
    due = [name for name in requirements if not (marks[name].exists() and marks[name].read_text() == stamps[name])]
    if due:
        _create(folder, python, run)
    for name in due:
        _install(folder, name, run)
        marks[name].write_text(stamps[name])
    return folder / "bin"


def _install(folder: Path, name: str, run: Run) -> None:
    # Python compiles what is imported; pip would compile all of it, which takes longer than the rest
    pip = (folder / "bin/python", "-m", "pip", "install", "--disable-pip-version-check", "--upgrade", "--no-compile")
    run(*pip, *_FLAGS.get(name, ()), "-r", REQUIREMENTS / f"{name}.txt")


def _create(folder: Path, python: Path, run: Run) -> None:
    """Make the environment, or keep one of the same Python; the controller's folder also holds other things."""
    mark = folder / ".python"
    made_by = f"{python.resolve()}\n"
    if mark.exists() and mark.read_text() == made_by:
        return
    for part in ("bin", "include", "lib", "lib64", "pyvenv.cfg"):
        _remove(folder / part)
    for stale in folder.glob(".has-*"):
        stale.unlink()
    _ensure_ensurepip(python)
    run(python, "-m", "venv", folder)
    mark.write_text(made_by)


def _ensure_ensurepip(python: Path) -> None:
    """Debian has it in a package of its own, and `python3 -m venv` fails without."""
    if _has_ensurepip(python):
        return
    try:
        packages.install("python3-venv")
    except Missing as exc:
        raise Missing(f"{python} -m venv: needs ensurepip: {exc}") from exc
    if not _has_ensurepip(python):
        raise Missing(f"{python} -m venv: has no ensurepip: install the venv package of that Python")


def _has_ensurepip(python: Path) -> bool:
    return subprocess.run([python, "-c", "import ensurepip"], capture_output=True, check=False).returncode == 0


def _remove(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def _stamp(python: Path, name: str) -> str:
    return hashlib.sha256(f"{python.resolve()}\n{_text(name)}".encode()).hexdigest()


def _text(name: str) -> str:
    """The requirements, with those they include."""
    lines = (REQUIREMENTS / f"{name}.txt").read_text().splitlines()
    return "\n".join(_text(line[3:-4]) if line.startswith("-r ") else line for line in lines)


@contextlib.contextmanager
def _locked(name: str) -> t.Iterator[None]:
    """Two stages, or two people in one checkout, may want the same environment at once."""
    (VENV / "locks").mkdir(parents=True, exist_ok=True)
    with (VENV / "locks" / name).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
