# SPDX-License-Identifier: GPL-3.0-or-later
"""A new docker-compose, which unit tests hold this collection's reading of Compose projects against.

Debian's unstable has one. It is fetched by the machine's own apt, from the mirror that it uses and with the keys that
it trusts, and unpacked; nothing is installed, and no list of packages of the machine changes.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.tools import packages
from tests.tools.paths import VENV, Missing

VARIABLE = "DOCKMASTER_COMPOSE"  # names another one
SUITE = "sid"
FOLDER = VENV / "compose"
PROGRAM = FOLDER / "usr/libexec/docker/cli-plugins/docker-compose"
_APT = "Acquire::Check-Valid-Until=false", "Acquire::Languages=none", "APT::Sandbox::User=root"


def program() -> Path:
    """Where it is. Raises Missing that says why there is none."""
    if os.environ.get(VARIABLE):
        return Path(os.environ[VARIABLE])
    (VENV / "locks").mkdir(parents=True, exist_ok=True)
    with (VENV / "locks" / "compose").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # unit tests of two Pythons run at a time
        if not PROGRAM.exists():
            _fetch()
    return PROGRAM


def _fetch() -> None:
    if not (packages.find("apt-get") and packages.find("dpkg-deb")):
        raise Missing(f"docker-compose 2.40 or newer: {VARIABLE} names none, and there is no apt-get to fetch Debian's")
    mirror = _mirror()
    with tempfile.TemporaryDirectory(prefix="dockmaster-ports-") as name:
        folder = Path(name)
        (folder / "sources.list").write_text(f"deb {mirror} {SUITE} main\n")
        _apt(folder, "update")
        _apt(folder, "download", "docker-compose")
        fresh = folder / "fresh"
        _run("dpkg-deb", "--extract", str(next(folder.glob("docker-compose_*.deb"))), str(fresh))
        shutil.rmtree(FOLDER, ignore_errors=True)
        shutil.move(fresh, FOLDER)


def _mirror() -> str:
    """The one of Debian's that this machine's apt uses."""
    targets = _run("apt-get", "indextargets", "--format", "$(SITE)")
    found = next((site for site in targets.split() if site.rstrip("/").endswith("/debian")), None)
    if not found:
        raise Missing(f"docker-compose 2.40 or newer: {VARIABLE} names none, and apt knows no mirror of Debian's")
    return found


def _apt(folder: Path, *arguments: str) -> None:
    """apt-get with lists and a cache of its own."""
    for part in ("lists/partial", "cache/archives/partial"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    places = (
        f"Dir::Etc::SourceList={folder}/sources.list",
        "Dir::Etc::SourceParts=/dev/null",
        f"Dir::State::Lists={folder}/lists",
        f"Dir::Cache={folder}/cache",
    )
    options = [word for option in (*places, *_APT) for word in ("-o", option)]
    _run("apt-get", "--quiet", *options, *arguments, cwd=folder)


def _run(*argv: str, cwd: Path | None = None) -> str:
    done = subprocess.run(
        argv,
        cwd=cwd,
        env={**os.environ, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=180,
        check=False,
    )
    if done.returncode != 0:
        why = done.stdout.strip().splitlines()[-1:] or ["no output"]
        raise Missing(f"docker-compose 2.40 or newer: {' '.join(argv[:1])}: {why[0]}")
    return done.stdout
