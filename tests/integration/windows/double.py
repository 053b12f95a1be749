# SPDX-License-Identifier: GPL-3.0-or-later
"""A Windows host in a folder: its state, ways to it, and playbooks run against it."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

from ansible_collections.dockmaster.ports.tests.integration.windows.state import VARIABLE, State
from ansible_collections.dockmaster.ports.tests.integration.windows.winrm import PASSWORD, USER, WinRM
from ansible_collections.dockmaster.ports.tests.tools.warm_ansible import WarmAnsible

HERE = Path(__file__).parent
COLLECTIONS = Path(sys.modules["ansible_collections"].__path__[0]).parent
WAYS = ("winrm", "ssh-powershell", "ssh-cmd")


class Ran(t.NamedTuple):
    """What a playbook left: exit status, all that was printed, and the results of its tasks by their names."""

    rc: int
    printed: str
    results: t.Dict[str, t.Dict[str, t.Any]]


class Double:
    """A host named `win` in an inventory. way: how it is reached. inside: what ansible-playbook is run in (unshare)."""

    inside: t.Sequence[str] = ()

    def __init__(self, folder: Path, way: str = "winrm") -> None:
        self.folder = folder
        self.way = way
        self.state = State(folder / "windows.json")
        self.variables: t.Dict[str, t.Any] = {}

    @contextlib.contextmanager
    def up(self, **state: t.Any) -> t.Iterator[Double]:
        """Reachable, with that state."""
        self.change(**state)
        if self.way == "winrm":
            with WinRM(self.state) as server:
                self.variables = _winrm(server.port)
                yield self
        else:
            self.variables = self._ssh(self.way.partition("-")[2])
            yield self

    def change(self, **state: t.Any) -> None:
        with self.state.changing() as now:
            now.update(state)

    def _ssh(self, shell: str) -> t.Dict[str, t.Any]:
        client = self.folder / "ssh"
        client.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{HERE}/ssh.py" "$@"\n', encoding="utf-8")
        client.chmod(0o755)
        return {
            "ansible_connection": "ssh",
            "ansible_shell_type": shell,
            "ansible_ssh_executable": str(client),
            "ansible_host": "127.0.0.1",
            "ansible_user": USER,
        }

    def calls(self) -> t.List[str]:
        """Every program that was run since the last look."""
        with self.state.changing() as now:
            calls, now["calls"] = now["calls"], []
        return t.cast("t.List[str]", calls)

    def play(self, *tasks: t.Mapping[str, t.Any], options: t.Sequence[str] = ()) -> Ran:
        """Run tasks, each with a name, in a play against the host."""
        playbook = [{"hosts": "win", "gather_facts": False, "tasks": list(tasks)}]
        path = self.folder / "play.json"
        path.write_text(json.dumps(playbook), encoding="utf-8")
        return self.playbook(path, options)

    def playbook(self, path: Path, options: t.Sequence[str] = ()) -> Ran:
        inventory = self.folder / "inventory.json"
        hosts = {"all": {"hosts": {"win": self.variables}}}
        inventory.write_text(json.dumps(hosts), encoding="utf-8")
        log = self.folder / "results.json"
        log.unlink(missing_ok=True)
        argv = ["-i", str(inventory), str(path), *options]
        code, printed = self._run(argv, self._environment(log))
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        return Ran(code, printed, {one["task"]: one["result"] for one in map(json.loads, lines)})

    def _run(self, argv: t.Sequence[str], env: t.Mapping[str, str]) -> t.Tuple[int, str]:
        if not self.inside:
            done = _ansible().run(["ansible-playbook", *argv], 180, self.folder, env, together=True)
            return done.code, done.out
        ran = subprocess.run(
            [*self.inside, sys.executable, "-m", "ansible", "playbook", *argv],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            cwd=self.folder, env=env, timeout=180, check=False,
        )  # fmt: skip
        return ran.returncode, ran.stdout

    def _environment(self, log: Path) -> t.Dict[str, str]:
        return {**_settings(), VARIABLE: str(self.state.path), "RESULTS": str(log)}


@functools.cache
def _ansible() -> WarmAnsible:
    return WarmAnsible(Path(sys.executable), _settings())


@functools.cache
def _home() -> tempfile.TemporaryDirectory[str]:
    """It goes when the tests end."""
    return tempfile.TemporaryDirectory(prefix="ansible-home-")


@functools.cache
def _settings() -> t.Mapping[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(COLLECTIONS), os.environ.get("PYTHONPATH", "")]),
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callbacks"),
        "ANSIBLE_CALLBACKS_ENABLED": "results",
        "ANSIBLE_HOME": _home().name,
        "ANSIBLE_NOCOLOR": "1",
    }


def _winrm(port: int) -> t.Dict[str, t.Any]:
    return {
        "ansible_connection": "winrm",
        "ansible_host": "127.0.0.1",
        "ansible_port": port,
        "ansible_user": USER,
        "ansible_password": PASSWORD,
        "ansible_winrm_scheme": "http",
        "ansible_winrm_transport": "basic",
        "ansible_winrm_message_encryption": "never",
    }
