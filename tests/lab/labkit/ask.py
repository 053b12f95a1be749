# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's modules, run on a host for real, through Ansible."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import typing as t
from pathlib import Path

from . import places
from .errors import LabError
from .shell import run

_SAID = re.compile(r"^(\S+) \| (\w+)!? => (\{.*)", re.DOTALL | re.MULTILINE)


def ansible() -> str:
    """The `ansible` of the checkout's environment, or LAB_ANSIBLE, or the one on PATH."""
    for found in (
        os.environ.get("LAB_ANSIBLE"),
        str(places.CHECKOUT / ".venv/bin/ansible"),
        str(Path(sys.prefix) / "bin/ansible"),
    ):
        if found and os.access(found, os.X_OK):
            return found
    found = shutil.which("ansible")
    if found is None:
        raise LabError("there is no ansible to run the modules with", "run `make setup`, or set LAB_ANSIBLE to one")
    return found


def _collections() -> Path:
    """A folder in which the checkout is the collection."""
    where = places.run_dir() / "collections"
    link = where / "ansible_collections/dockmaster/ports"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(places.CHECKOUT)
    return where


def _settings() -> Path:
    """An empty ansible.cfg: the user's own does not count."""
    path = places.run_dir() / "ansible.cfg"
    path.touch()
    return path


def module(host: str, name: str, args: t.Mapping[str, t.Any], check: bool = False) -> dict[str, t.Any]:
    """The module's result, with `failed` in it. Raises LabError if Ansible could not run it at all."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("ANSIBLE_")}
    env.update(
        ANSIBLE_COLLECTIONS_PATH=str(_collections()),
        ANSIBLE_NOCOLOR="1",
        ANSIBLE_LOCALHOST_WARNING="0",
        ANSIBLE_CONFIG=str(_settings()),
        ANSIBLE_HOME=str(places.run_dir() / "ansible"),
    )
    argv = [
        ansible(),
        host,
        "-i",
        str(places.run_dir() / "inventory.yml"),
        "-m",
        f"dockmaster.ports.{name}",
        "-a",
        json.dumps(dict(args)),
    ]
    ran = run(*argv, *(["--check"] if check else []), env=env, timeout=120)
    said = _SAID.search(ran.out)
    if said is None:
        raise LabError(
            f"{name} did not run on {host}: {ran.text[-400:]}", "see whether the collection in the checkout is whole"
        )
    result: dict[str, t.Any] = json.JSONDecoder().raw_decode(said[3])[0]
    result.setdefault("failed", said[2] == "FAILED")
    if said[2] == "UNREACHABLE":
        raise LabError(f"{host} cannot be reached by Ansible: {result.get('msg')}", "run `lab down` and `lab up`")
    return result
