# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs of the system: root gets what is missing by apt-get, and anybody else is told in one line."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import typing as t
from pathlib import Path

from tests.tools.paths import VENV, Missing

SYSTEM_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"])
_POLICY = Path("/usr/sbin/policy-rc.d")


def find(program: str) -> str | None:
    return shutil.which(program, path=SYSTEM_PATH)


def ensure(programs: t.Mapping[str, str]) -> None:
    """Have each program; the mapping names the Debian package of each. Raises Missing."""
    missing = sorted({package for program, package in programs.items() if not find(program)})
    if missing:
        install(*missing)
        absent = [program for program in programs if not find(program)]
        if absent:
            raise Missing(f"{', '.join(absent)}: not there although {' '.join(missing)} was installed")


def install(*packages: str) -> None:
    """By apt-get, and without starting the services they bring. Raises Missing."""
    wanted = " ".join(packages)
    if os.geteuid() != 0 or not find("apt-get"):
        raise Missing(f"not installed, and only root with apt-get could: apt-get install {wanted}")
    VENV.mkdir(exist_ok=True)
    with (VENV / "apt.lock").open("w") as lock, _services_stay_down():
        fcntl.flock(lock, fcntl.LOCK_EX)
        _apt("update")
        done = _apt("install", "--yes", "--no-install-recommends", *packages)
        _services_stay_down_after_boot(packages)
    if done.returncode != 0:
        why = done.stdout.strip().splitlines()[-1:] or ["no output"]
        raise Missing(f"apt-get install {wanted}: {why[0]}")


def _apt(*arguments: str) -> subprocess.CompletedProcess[str]:
    """An update that fails is not yet an error: what is known already may do."""
    return subprocess.run(
        ["apt-get", "--quiet", "-o", "DPkg::Lock::Timeout=300", *arguments],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def _services_stay_down_after_boot(packages: t.Sequence[str]) -> None:
    """Nobody who runs tests has asked for an engine at every boot."""
    if "docker.io" in packages and find("systemctl"):
        units = ("docker.service", "docker.socket", "containerd.service")
        subprocess.run(["systemctl", "disable", *units], capture_output=True, check=False)


@contextlib.contextmanager
def _services_stay_down() -> t.Iterator[None]:
    """A test run must not leave a Docker engine running: invoke-rc.d asks policy-rc.d, and 101 means no."""
    if _POLICY.exists():  # somebody else's policy stands
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink()
