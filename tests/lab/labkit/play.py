# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's roles and state-changing modules, run on a host for real, and held to what all of them promise."""

from __future__ import annotations

import json
import os
import re
import tempfile
import typing as t
from dataclasses import dataclass
from pathlib import Path

from . import ask, places, state
from .errors import LabError, Mismatch
from .remote import Remote
from .shell import run

Task = dict[str, t.Any]
_RECAP = re.compile(r"changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)")
# What a run in check mode leaves as it was, besides all of `state`: every file of /etc, and the kernel's settings
FILES = (
    r"find /etc -xdev \( -type f -o -type l \) -print0 | sort -z | xargs -0 stat -c '%n %s %a %u %Y %N';"
    r" sysctl -a -r '^net\.(ipv4|ipv6|bridge|core)\.' 2>/dev/null | grep -v -E '_count|entries|mem |secret|cookie|hash|gc_'"
)


@dataclass(frozen=True)
class Played:
    """changed, failed: tasks, as the recap counts them. results: by the name that a task registers."""

    changed: int
    failed: int
    results: dict[str, t.Any]
    text: str


def play(host: str, tasks: t.Sequence[Task], check: bool = False, variables: t.Optional[dict[str, t.Any]] = None) -> Played:
    """Run tasks on a host. Raises LabError if Ansible could not run them at all."""
    with tempfile.TemporaryDirectory(prefix="play-", dir=places.run_dir()) as folder:
        results = Path(folder, "results.json")
        book = Path(folder, "play.yml")
        book.write_text(json.dumps([_play(host, tasks, str(results), variables or {})]))
        argv = [ask.ansible() + "-playbook", "-i", str(places.run_dir() / "inventory.yml"), str(book), "--diff"]
        ran = run(*argv, *(["--check"] if check else []), env=_environment(), timeout=300)
        counted = _RECAP.search(ran.out)
        if counted is None or int(counted[2]) or not results.exists():
            raise LabError(f"the play did not run on {host}: {ran.text[-1500:]}", "see whether the collection is whole")
        return Played(int(counted[1]), int(counted[3]), json.loads(results.read_text()), ran.out + ran.err)


def _environment() -> dict[str, str]:
    env = {key: value for key, value in os.environ.items() if not key.startswith("ANSIBLE_")}
    return {
        **env,
        "ANSIBLE_COLLECTIONS_PATH": str(ask._collections()),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_CONFIG": str(ask._settings()),
        "ANSIBLE_HOME": str(places.run_dir() / "ansible"),
        "ANSIBLE_LOCALHOST_WARNING": "0",
    }


def _play(host: str, tasks: t.Sequence[Task], path: str, variables: dict[str, t.Any]) -> Task:
    names = [task["register"] for task in tasks if "register" in task]
    found = ", ".join(f"'{name}': {name} | default(none)" for name in names)
    keep = {
        "name": "Keep what was registered",
        "ansible.builtin.copy": {"content": "{{ {%s} | to_json }}" % found, "dest": path, "mode": "0600"},
        "delegate_to": "localhost",
        "connection": "local",
        "check_mode": False,
        "diff": False,
        "changed_when": False,
        "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
    }
    return {"hosts": host, "gather_facts": False, "vars": variables, "tasks": [{"block": list(tasks), "always": [keep]}]}


def module(host: Remote, name: str, args: t.Mapping[str, t.Any], check: bool = False) -> dict[str, t.Any]:
    """One module's result, its diff included."""
    task = {f"dockmaster.ports.{name}": dict(args), "register": "it", "ignore_errors": True}
    return t.cast("dict[str, t.Any]", play(host.name, [task], check).results["it"])


def promise(host: Remote, name: str, args: t.Mapping[str, t.Any], ignore: t.Sequence[str] = ()) -> dict[str, t.Any]:
    """The result of a real run, of a module that keeps its promises.

    Check mode says what the real run does and changes nothing; the second run changes nothing. ignore: results that may differ.
    """
    before = _everything(host)
    said = module(host, name, args, check=True)
    same(before, _everything(host), "check mode")
    did = module(host, name, args)
    for key in ("changed", "diff", "failed", "msg"):
        if key not in ignore and said.get(key) != did.get(key):
            raise Mismatch(f"{name}: check mode says {key} {said.get(key)!r}, the real run {did.get(key)!r}")
    if did.get("failed"):
        same(before, _everything(host), "a run that failed")
        return did
    after = _everything(host)
    again = module(host, name, args)
    if again.get("failed") or again["changed"]:
        raise Mismatch(f"{name}: the second run: {again}")
    same(after, _everything(host), "the second run")
    return did


def _everything(host: Remote) -> list[str]:
    return [f"{key}: {line}" for key, lines in state.of(host).items() for line in lines] + host.sh(FILES).splitlines()


def same(before: list[str], after: list[str], what: str) -> None:
    """Raises Mismatch with the first lines that differ."""
    if before != after:
        gone, new = set(before) - set(after), set(after) - set(before)
        raise Mismatch(f"{what} changed the host: gone {sorted(gone)[:5]}, new {sorted(new)[:5]}")
