# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of the Ansible that the lab's hosts are managed with."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.tools.warm_ansible import WarmAnsible

from . import places
from .errors import LabError
from .shell import Ran


def run(program: str, *argv: str, timeout: float) -> Ran:
    """A run of `ansible` or `ansible-playbook`. Raises LabError if it does not end within `timeout` seconds."""
    try:
        done = _warm().run([program, *argv], timeout)
    except subprocess.TimeoutExpired as exc:
        words = " ".join([program, *argv][:6])
        raise LabError(f"{words} … took longer than {timeout} s", "see whether the machine is overloaded") from exc
    except RuntimeError as exc:
        raise LabError(str(exc), "run `make setup`, or set LAB_ANSIBLE to one") from exc
    return Ran((program, *argv), done.code, done.out, done.err)


@functools.cache
def _warm() -> WarmAnsible:
    return WarmAnsible(ansible().with_name("python3"), environment())


def ansible() -> Path:
    """The `ansible` of LAB_ANSIBLE, of the checkout's environment, or the one on PATH."""
    for found in (
        os.environ.get("LAB_ANSIBLE"),
        str(places.CHECKOUT / ".venv/bin/ansible"),
        str(Path(sys.prefix) / "bin/ansible"),
        shutil.which("ansible"),
    ):
        if found and os.access(found, os.X_OK):
            return Path(found).resolve()
    raise LabError("there is no ansible to run the modules with", "run `make setup`, or set LAB_ANSIBLE to one")


def environment() -> dict[str, str]:
    """What Ansible is run with: the user's own settings do not count."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("ANSIBLE_")}
    settings = places.run_dir() / "ansible.cfg"
    settings.touch()
    return {
        **env,
        "ANSIBLE_COLLECTIONS_PATH": str(_collections()),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_LOCALHOST_WARNING": "0",
        "ANSIBLE_CONFIG": str(settings),
        "ANSIBLE_HOME": str(places.run_dir() / "ansible"),
    }


def _collections() -> Path:
    """A folder in which the checkout is the collection."""
    where = places.run_dir() / "collections"
    link = where / "ansible_collections/dockmaster/ports"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(places.CHECKOUT)
    return where
