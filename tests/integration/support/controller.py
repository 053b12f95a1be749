# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible as a user runs it, with the inside of an Engine as its host."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import typing as t
from pathlib import Path

from ansible_collections.dockmaster.ports.plugins import module_utils
from ansible_collections.dockmaster.ports.tests.integration.support.engine import Engine
from ansible_collections.dockmaster.ports.tests.tools.warm_ansible import WarmAnsible, with_children

COLLECTIONS = Path(next(iter(module_utils.__path__))).parents[4]
# What a policy leaves on a disk is laid over this machine's own folders, for the engine's namespaces alone.
_OVERLAY = """set -e
for folder in /etc /usr/local/sbin /var/lib; do
    over="/run/over$folder"
    mkdir -p "$over/upper" "$over/work"
    mount -t overlay overlay -o "lowerdir=$folder,upperdir=$over/upper,workdir=$over/work" "$folder"
done
"""


class Failed(Exception):
    """A play that failed. The message is that of the task."""


class Controller:
    """folder: takes the inventory, the playbooks and the results. inventory: of Ansible, beside the host `here`."""

    def __init__(self, engine: Engine, folder: Path, inventory: t.Optional[t.Mapping[str, t.Any]] = None) -> None:
        self.engine = engine
        self.folder = folder
        folder.mkdir()
        here = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        (folder / "inventory.json").write_text(
            json.dumps({"all": {"hosts": {"here": here}, "children": inventory or {}}})
        )
        subprocess.run(engine.inside("sh", "-c", _OVERLAY), check=True, timeout=30)
        self._ansible = WarmAnsible(Path(sys.executable), self._env(), engine.inside())

    def play(self, tasks: t.Sequence[t.Mapping[str, t.Any]], *options: str) -> t.Any:
        """The result that the tasks registered as `done`. Raises Failed."""
        argv = ["ansible-playbook", *self._written(tasks), *options]
        code, out, err = self._ansible.run(argv, 120, self.folder)
        if code:
            found = re.search(
                r"^\[ERROR\]: Task failed: (?:Action failed: |Module failed: )?(.*)$", err + out, re.MULTILINE
            )
            fatal = re.search(r"=> (\{.*\})$", out, re.MULTILINE)
            raise Failed(json.loads(fatal[1])["msg"] if fatal else found[1] if found else out + err)
        return json.loads((self.folder / "done.json").read_text())

    def begin(self, tasks: t.Sequence[t.Mapping[str, t.Any]], *options: str) -> subprocess.Popen[str]:
        """A run of ansible-playbook by itself, which can be killed."""
        command = [sys.executable, "-m", "ansible", "playbook", *self._written(tasks), *options]
        return subprocess.Popen(
            self.engine.inside("env", "-C", str(self.folder), *command),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self._env(),
        )  # fmt: skip

    def _written(self, tasks: t.Sequence[t.Mapping[str, t.Any]]) -> list[str]:
        """The playbook's words on the command line; what it registers as `done` will be in done.json."""
        tell = {
            "ansible.builtin.copy": {"content": "{{ done }}", "dest": f"{self.folder}/done.json"},
            "check_mode": False,
            "diff": False,
        }
        play = {"hosts": "here", "gather_facts": False, "tasks": [*tasks, tell]}
        (self.folder / "play.json").write_text(json.dumps([play]))
        (self.folder / "done.json").unlink(missing_ok=True)
        return ["-i", "inventory.json", "play.json"]

    def kill(self, process: subprocess.Popen[str]) -> None:
        """The controller and the modules that it runs, wherever their sessions are; not what those left behind."""
        for pid in with_children(process.pid):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                if b"ansible" in Path(f"/proc/{pid}/cmdline").read_bytes().lower():
                    os.kill(pid, signal.SIGKILL)
        process.communicate()

    def _env(self) -> t.Dict[str, str]:
        own = {
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_HOME": str(self.folder / "home"),
            "ANSIBLE_LOCAL_TEMP": str(self.folder / "local"),
            "ANSIBLE_REMOTE_TEMP": str(self.folder / "remote"),
            "ANSIBLE_REMOTE_TMP": str(self.folder / "remote"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_STDOUT_CALLBACK": "default",
            "LC_ALL": "C.UTF-8",
        }
        return {**{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}, **own}
