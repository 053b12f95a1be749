# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Programs run on a Windows host through Ansible's connection: winrm, psrp, or ssh with shell powershell or cmd."""

from __future__ import annotations

import base64
import json
import subprocess
import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure
from ansible.plugins.action import ActionBase

from ansible_collections.dockmaster.ports.plugins.module_utils._probes.visible import visible
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows.command import Command
from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows.pages import decoded
from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows.script import COMMAND_LINE, MARK, SCRIPT

NOT_ENDED = -1
_RUN_POWERSHELL = ("winrm", "psrp")  # connections that take a script, whatever the host's shell is


@dataclass(frozen=True)
class Answer:
    """What became of a command.

    code: its exit status; NOT_ENDED where it was not run, was not found, or took too long (late).
    missing: there is no such program. run: False where an earlier command kept it from being run.
    why: what Windows said where it would not start the program. page: the host's OEM code page.
    """

    code: int = NOT_ENDED
    out: bytes = b""
    err: bytes = b""
    missing: bool = False
    late: bool = False
    run: bool = True
    why: str = ""
    page: int = 437

    @property
    def text(self) -> str:
        return decoded(self.out, self.page)

    @property
    def error(self) -> str:
        return decoded(self.err, self.page)

    @property
    def complaint(self) -> str:
        """What it said for itself, in one line. Windows' own programs complain on standard output."""
        said = visible(" ".join((self.why or self.error or self.text).split()))
        if self.late:
            return f"it did not end in time: {said}" if said else "it did not end in time"
        return said


@dataclass(frozen=True)
class Machine:
    """What the host says of itself. elevated: whether our token is an administrator's, with all its rights.

    oem, ansi: its code pages. version: of Windows, such as 10.0.20348.0. addresses: those of interfaces that are up.
    """

    name: str
    version: str
    elevated: bool
    oem: int
    ansi: int
    addresses: tuple[Mapping[str, t.Any], ...] = field(default=(), hash=False)


class Windows:
    """A Windows host. machine: what it said of itself when something was run last; None before."""

    def __init__(self, action: ActionBase, task_vars: Mapping[str, t.Any]) -> None:
        self._action = action
        self._name = task_vars["inventory_hostname"]
        self.machine: t.Optional[Machine] = None

    def run(
        self,
        commands: Sequence[Command],
        environment: t.Optional[Mapping[str, str]] = None,
        seconds: t.Optional[int] = None,
    ) -> list[Answer]:
        """Run programs, one after the other, in one round trip. seconds: that each may take, instead of its own.

        Raises AnsibleActionFail, AnsibleConnectionFailure.
        """
        listed = [_asked(one, commands[:i]) for i, one in enumerate(commands)]
        if seconds is not None:
            listed = [{**one, "seconds": seconds} for one in listed]
        asked = {"commands": listed, "environment": environment or {}}
        told = self._told(base64.b64encode(json.dumps(asked).encode()).decode())
        try:
            answers = [_answer(one, told["oem"]) for one in told["answers"]]
            self.machine = _machine(told)
        except (KeyError, TypeError, ValueError) as exc:
            raise self._failure(f"PowerShell's answer is not whole: {exc!r}") from None
        if len(answers) != len(commands):
            raise self._failure(f"PowerShell answered {len(answers)} of {len(commands)} commands")
        return answers

    def _told(self, question: str) -> dict[str, t.Any]:
        line = SCRIPT if self._action._connection.transport in _RUN_POWERSHELL else COMMAND_LINE
        # sudoable: become is nothing that a single command on Windows can do
        try:
            ran = self._action._low_level_execute_command(line, sudoable=False, in_data=question)
        except OSError as exc:  # winrm passes on what its HTTP client raises
            raise AnsibleConnectionFailure(f"the connection to {self._name} was lost: {exc}") from exc
        parts = "".join(ran["stdout"].split()).split(MARK)
        if len(parts) != 3:
            said = " ".join((ran["stderr"] or ran["stdout"]).split())
            raise self._failure(f"PowerShell said: {said or 'nothing'} (exit status {ran['rc']})")
        try:
            return t.cast("dict[str, t.Any]", json.loads(base64.b64decode(parts[1], validate=True)))
        except ValueError as exc:
            raise self._failure(f"PowerShell's answer cannot be read: {exc}") from None

    def _failure(self, why: str) -> AnsibleActionFail:
        return AnsibleActionFail(f"{self._action._task.action} cannot ask {self._name}: {why}")


def _asked(command: Command, before: Sequence[Command]) -> dict[str, t.Any]:
    program, *arguments = command.argv
    return {
        "program": program,
        "arguments": subprocess.list2cmdline(arguments),
        "seconds": command.seconds,
        "after": None if command.after is None else before.index(command.after),
        "each": None if command.each is None else before.index(command.each),
    }


def _answer(told: Mapping[str, t.Any], page: int) -> Answer:
    code = NOT_ENDED if told["code"] is None else int(told["code"])
    out, err = (base64.b64decode(told[name], validate=True) for name in ("out", "err"))
    flags = {name: bool(told[name]) for name in ("missing", "late", "run")}
    return Answer(code, out, err, why=str(told["why"] or ""), page=page, **flags)


def _machine(told: Mapping[str, t.Any]) -> Machine:
    addresses = tuple(told["addresses"] or ())
    return Machine(told["name"], told["version"], told["elevated"], told["oem"], told["ansi"], addresses)
