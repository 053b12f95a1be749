# SPDX-License-Identifier: GPL-3.0-or-later
"""`make audit`: the playbook dockmaster.ports.audit, run from this checkout on this machine or on an inventory."""

from __future__ import annotations

import os
import subprocess
import sys
import typing as t

from tests.tools import collection, environments
from tests.tools.jobs import Failed, Job
from tests.tools.packages import SYSTEM_PATH
from tests.tools.paths import COLLECTIONS, ROOT, VENV, Missing

QUIET = {
    "ANSIBLE_DISPLAY_OK_HOSTS": "false",
    "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false",
    "ANSIBLE_LOCALHOST_WARNING": "false",
    "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
    "ANSIBLE_DEPRECATION_WARNINGS": "false",
    "ANSIBLE_NOCOWS": "true",
}


def audit(inventory: str, arguments: t.Sequence[str]) -> int:
    """The exit code of ansible-playbook. Says in one line what is missing."""
    if not (VENV / "bin/ansible-playbook").exists():
        print("Setting up Ansible in .venv, once (about 20 seconds)", flush=True)
    job = Job("audit", timeout=600)
    try:
        programs = environments.controller(job.run, "controller")
    except (Failed, Missing) as exc:
        print(f"make audit: {exc}; the output is in {job.log.relative_to(ROOT)}", file=sys.stderr)
        return 1
    collection.link()
    playbook = str(programs / "ansible-playbook")
    hosts = ["-i", inventory] if inventory else this_machine(str(programs / "python"))
    return subprocess.call([playbook, "dockmaster.ports.audit", *hosts, *arguments], env=_environment())


def this_machine(python: str) -> list[str]:
    """The interpreter is named, because Ansible's discovery may choose one that does not run (a pyenv shim)."""
    return ["-i", "localhost,", "-c", "local", "-e", f"ansible_python_interpreter={python}"]


def _environment() -> dict[str, str]:
    """Quiet unless the user wants otherwise; the checkout's collection before any other of that name."""
    paths = [str(COLLECTIONS), os.environ.get("ANSIBLE_COLLECTIONS_PATH", "~/.ansible/collections")]
    fixed = {"PATH": SYSTEM_PATH, "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(paths), "PYTHONPATH": ""}
    return {**QUIET, **os.environ, **fixed}
