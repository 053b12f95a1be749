# SPDX-License-Identifier: GPL-3.0-or-later
"""Collections to compare with, out of the package `ansible` that pip knows. Kept in tests/output."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from tests.bench.results import Skipped

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "tests" / "output" / "bench" / "collections"
_PARTS = ("plugins/", "meta/", "MANIFEST.json", "FILES.json")
# The release whose ansible-core is the one of this Python's environment: tests/requirements/controller.txt
_PACKAGE = "ansible>=12,<13" if sys.version_info < (3, 12) else "ansible>=14,<15"


def collection(name: str) -> Path:
    """The folder to put into Ansible's path for collections. Raises Skipped if pip cannot get the package."""
    place = f"ansible_collections/{name.replace('.', '/')}/"
    if not (KEPT / place / "MANIFEST.json").exists():
        with tempfile.TemporaryDirectory() as folder:
            _unpack(_download(Path(folder)), place)
    return KEPT


def _download(folder: Path) -> Path:
    argv = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
        "--dest",
        str(folder),
    ]
    done = subprocess.run([*argv, _PACKAGE], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    wheels = sorted(folder.glob("*.whl"))
    if not wheels:
        raise Skipped(f"pip cannot download {_PACKAGE}: {done.stdout.strip().splitlines()[-1:] or ['no output']}")
    return wheels[0]


def _unpack(wheel: Path, place: str) -> None:
    with zipfile.ZipFile(wheel) as package:
        names = [name for name in package.namelist() if name.startswith(tuple(place + part for part in _PARTS))]
        package.extractall(KEPT, sorted(names))
