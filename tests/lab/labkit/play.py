# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's roles and state-changing modules, run on a host for real, and held to what all of them promise."""

from __future__ import annotations

import json
import re
import shlex
import tempfile
import typing as t
from dataclasses import dataclass
from pathlib import Path

from . import places, state, warm
from .errors import LabError, Mismatch
from .remote import Remote
from .shell import run

Task = dict[str, t.Any]
_RECAP = re.compile(r"changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)")
# What a run in check mode leaves as it was, besides all of `state`: every file of /etc, and the kernel's settings
FILES = (
    r"find /etc -xdev \( -type f -o -type l \) -print0 | sort -z | xargs -0 stat -c '%n %s %a %u %Y %N';"
    r" sysctl -a -r '^net\.(ipv4|ipv6|bridge|core)\.' 2>/dev/null"
    r" | grep -v -E 'veth|_count|entries|mem |secret|cookie|hash|gc_'"
)


@dataclass(frozen=True)
class Played:
    """changed, failed: tasks, as the recap counts them. results: by the name that a task registers."""

    changed: int
    failed: int
    results: dict[str, t.Any]
    text: str


def play(host: str, tasks: t.Sequence[Task], check: bool = False, **variables: t.Any) -> Played:
    """Run tasks on a host. Raises LabError if Ansible could not run them at all."""
    with tempfile.TemporaryDirectory(prefix="play-", dir=places.run_dir()) as folder:
        results = Path(folder, "results.json")
        book = Path(folder, "play.yml")
        book.write_text(json.dumps([_play(host, tasks, str(results), variables)]))
        argv = ["-i", str(places.run_dir() / "inventory.yml"), str(book), "--diff", *(["--check"] if check else [])]
        ran = warm.run("ansible-playbook", *argv, timeout=300)
        counted = _RECAP.search(ran.out)
        if counted is None or int(counted[2]) or not results.exists():
            raise LabError(f"the play did not run on {host}: {ran.text[-1500:]}", "see whether the collection is whole")
        return Played(int(counted[1]), int(counted[3]), json.loads(results.read_text()), ran.out + ran.err)


def _play(host: str, tasks: t.Sequence[Task], path: str, variables: dict[str, t.Any]) -> Task:
    names = [task["register"] for task in tasks if "register" in task]
    found = "{" + ", ".join(f"'{name}': {name} | default(none)" for name in names) + "}"
    keep = {
        "name": "Keep what was registered",
        "ansible.builtin.copy": {"content": "{{ " + found + " | to_json }}", "dest": path, "mode": "0600"},
        "delegate_to": "localhost",
        "connection": "local",
        "check_mode": False,
        "diff": False,
        "changed_when": False,
        "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
    }
    return {
        "hosts": host,
        "gather_facts": False,
        "vars": variables,
        "tasks": [{"block": list(tasks), "always": [keep]}],
    }


def everything(host: Remote) -> list[str]:
    """All that is compared, a line each."""
    return [f"{key}: {line}" for key, lines in state.of(host).items() for line in lines] + files(host)


def files(host: Remote) -> list[str]:
    """The files and the kernel's settings alone: quicker."""
    return host.sh(FILES).splitlines()


def promise(host: Remote, tasks: t.Sequence[Task], **variables: t.Any) -> Played:
    """A real run of tasks that keep their promises, as Module.promise; the recap counts what changed."""
    before = everything(host)
    said = play(host.name, tasks, check=True, **variables)
    same(before, everything(host), "check mode")
    did = play(host.name, tasks, **variables)
    if (said.changed, said.failed) != (did.changed, did.failed):
        raise Mismatch(f"check mode: {said.changed} changed, {said.failed} failed; {said.text}\nreal run: {did.text}")
    after = everything(host)
    if did.failed:
        same(before, after, "a play that failed")
        return did
    again = play(host.name, tasks, **variables)
    if again.failed or again.changed:
        raise Mismatch(f"the second run: {again.text}")
    same(after, everything(host), "the second run")
    return did


def role(name: str, **variables: t.Any) -> Task:
    """A task that runs a role of the collection."""
    return {
        "name": f"Role {name}",
        "ansible.builtin.include_role": {"name": f"dockmaster.ports.{name}"},
        "vars": variables,
    }


Look = t.Callable[[Remote], list[str]]


class Module:
    """A module on a host, sent there once, so that running it often is cheap.

    Ansible keeps what it sends if asked; its own wrapper can unfold that and run it with other arguments.
    """

    def __init__(self, host: Remote, name: str, required: t.Mapping[str, t.Any]) -> None:
        self.host = host
        self.name = name
        self.path = f"/tmp/payload-{name}"
        argv = [str(warm.ansible()), host.name, "-i", str(places.run_dir() / "inventory.yml"), "--check"]
        keeping = {**warm.environment(), "ANSIBLE_KEEP_REMOTE_FILES": "1"}
        ran = run(*argv, "-m", f"dockmaster.ports.{name}", "-a", json.dumps(dict(required)), env=keeping, stdin="")
        found = "$(ls -td /root/.ansible/tmp/*/ | head -1)"
        if host.try_sh(
            f"rm -rf {self.path}; mv {found} {self.path} && python3 {self.path}/AnsiballZ_{name}.py explode"
        ).rc:
            raise LabError(
                f"{name} was not sent to {host.name}: {ran.text[-600:]}", "see whether the collection is whole"
            )
        host.sh("rm -rf /root/.ansible")

    def command(self, args: t.Mapping[str, t.Any], check: bool = False) -> str:
        """The shell command that runs it with these arguments, until the next call."""
        return self._command(self.path, args, check)

    def copy(self, name: str, args: t.Mapping[str, t.Any]) -> str:
        """The shell command that runs it with these arguments for good: a copy, beside it and other copies."""
        path = f"{self.path}-{name}"
        self.host.sh(f"rm -rf {path}; cp -r {self.path} {path}")
        return self._command(path, args, check=False)

    def _command(self, path: str, args: t.Mapping[str, t.Any], check: bool) -> str:
        given = {
            **args,
            "_ansible_check_mode": check,
            "_ansible_diff": True,
            "_ansible_version": "2.19.0",
            "_ansible_tmpdir": None,
            "_ansible_remote_tmp": "/tmp",
            "_ansible_keep_remote_files": False,
            "_ansible_module_name": self.name,
            "_ansible_tracebacks_for": [],
        }
        text = json.dumps({"ANSIBLE_MODULE_ARGS": given})
        self.host.sh(f"printf %s {shlex.quote(text)} > {path}/debug_dir/args")
        return f"python3 {path}/AnsiballZ_{self.name}.py execute"

    def __call__(self, args: t.Mapping[str, t.Any], check: bool = False) -> dict[str, t.Any]:
        """Its result."""
        ran = self.host.try_sh(self.command(args, check))
        try:
            return t.cast("dict[str, t.Any]", json.loads(ran.out))
        except ValueError:
            raise Mismatch(f"{self.name} on {self.host.name} said {ran.text[-600:]!r}") from None

    def promise(self, args: t.Mapping[str, t.Any], look: Look = everything) -> dict[str, t.Any]:
        """The result of a real run, of a module that keeps its promises.

        Check mode says what the real run does and changes nothing; the second run changes nothing.
        """
        before = look(self.host)
        said = self(args, check=True)
        same(before, look(self.host), "check mode")
        did = self(args)
        for key in ("failed", "msg", "changed", "diff"):
            if said.get(key) != did.get(key):
                raise Mismatch(f"{self.name}: {key}: check mode {said.get(key)!r}, the real run {did.get(key)!r}")
        after = look(self.host)
        if did.get("failed"):
            same(before, after, "a run that failed")
            return did
        again = self(args)
        if again.get("failed") or again["changed"] or any(again.get("diff") or ()):
            raise Mismatch(f"{self.name}: the second run: {again}")
        same(after, look(self.host), "the second run")
        return did


def same(before: list[str], after: list[str], what: str) -> None:
    """Raises Mismatch with the first lines that differ."""
    if before != after:
        gone, new = set(before) - set(after), set(after) - set(before)
        raise Mismatch(f"{what} changed the host: gone {sorted(gone)[:5]}, new {sorted(new)[:5]}")
