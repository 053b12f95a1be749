# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Windows' excluded ports changed through Ansible's connection, with winnat stopped where that is allowed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.plugins.connection import ConnectionBase

from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.netsh import Place, change, looks, said, seen
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.refusal import DISRUPTS
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.reservation import (
    NotStopped,
    ReservationError,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.rows import Plan
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.settle import State, Task, begin, note
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Output, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows.command import Command
from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows import winnat
from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows.remote import Answer, Windows

TRIES = 3
NOT_ELEVATED = (
    "Windows lets only an elevated administrator change which ports it excludes and draws, and this connection's user"
    " is none: connect as a member of Administrators whose token is not filtered"
)


class Shell:
    """Windows, as what settles excluded ports sees it."""

    def __init__(self, windows: Windows, connection: ConnectionBase) -> None:
        self._windows = windows
        self._connection = connection

    @property
    def elevated(self) -> bool:
        return bool(self._windows.machine and self._windows.machine.elevated)

    def run(self, commands: Sequence[Command]) -> list[Output]:
        return [_output(answer) for answer in self._windows.run(commands)]

    def unelevated(self, commands: Sequence[Command]) -> str:
        return NOT_ELEVATED

    def reconnect(self) -> None:
        self._connection.reset()


def _output(answer: Answer) -> Output:
    return Output(answer.code, answer.text, "" if answer.code == 0 else answer.complaint)


class WinNat:
    """The service winnat of a host that is reached through a shell of its own."""

    query = winnat.QUERY
    obstacle = ""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def runs(self, answer: Output) -> bool | None:
        return winnat.runs(answer)

    def change(self, task: Task, state: State, todo: Mapping[Place, Plan], warn: Callable[[str], None]) -> None:
        """Raises ReservationError, Unseen, AnsibleConnectionFailure."""
        changes = begin(state, todo, through=True)
        wanted = [change(*one) for one in changes]
        tail = [winnat.QUERY, *looks(task.places)]
        try:
            safety, stop, *answers = self._shell.run([*winnat.sequence(wanted), *tail])
            note(state, changes, answers[: len(changes)])
        except (AnsibleError, OSError) as exc:  # what a connection raises when it breaks: psrp the one, winrm the other
            safety = stop = Output(0, "", "")
            answers = self._found_again([winnat.START, *tail], exc, winnat.pause(wanted))
            warn(f"the connection was lost while winnat was stopped ({exc}); winnat was started over a new one")
        start, query, *tables = answers[-1 - len(tail) :]
        try:
            self._started(start, query)
        except ReservationError:
            with contextlib.suppress(Unseen):  # that winnat does not start is what people have to know
                state.now = seen(task.places, tables)
            raise
        _judge_stop(safety, stop)
        state.now = seen(task.places, tables)

    def _found_again(self, commands: Sequence[Command], lost: Exception, seconds: int) -> list[Output]:
        try:
            self._shell.reconnect()
            return self._shell.run(commands)
        except (AnsibleError, OSError) as exc:
            raise AnsibleConnectionFailure(
                f"the connection was lost while winnat was stopped ({lost}), and there is no new one ({exc}). A process"
                f" on the host starts winnat {seconds} seconds after the stop; until then {DISRUPTS}"
            ) from exc

    def _started(self, start: Output, query: Output) -> None:
        """Raises ReservationError where winnat does not run, however often it is started."""
        for _turn in range(TRIES):
            if winnat.runs(query):
                return
            start, query = self._shell.run([winnat.START, winnat.QUERY])
        if not winnat.runs(query):
            raise ReservationError(
                f"winnat does not start again: {said(start)}. Until `net start winnat` succeeds, {DISRUPTS}"
            )


def _judge_stop(safety: Output, stop: Output) -> None:
    if safety.rc:
        raise NotStopped(f"nothing was changed: the start of winnat after its stop cannot be prepared: {said(safety)}")
    if stop.rc:
        raise NotStopped(f"nothing was changed: winnat could not be stopped: {said(stop)}")
