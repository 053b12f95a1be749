# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What task win_port_reservation does on one host, and what it tells of it: on Windows itself, and from within WSL."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.dockmaster.ports.plugins.module_utils._excluded import refusal, report
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.netsh import Place, Tables, change, looks, seen
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.notes import notes
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.refusal import ALWAYS, DISRUPTS
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.rows import Plan
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.settle import (
    Missed,
    State,
    Task,
    plans,
    settle,
    unsettled,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.users import (
    SOCKETS,
    TASKS,
    added,
    foreseen,
    lost,
    returning,
    users,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Output
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.netsh import Excluded
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows.command import Command

Warn = t.Callable[[str], None]


class ReservationError(ValueError):
    """What was asked for cannot be had, or did not come about. The message says why, and what would help."""


class NotStopped(ReservationError):
    """Winnat runs as before, and nothing was changed."""


class Shell(t.Protocol):
    """The way to Windows."""

    def run(self, commands: t.Sequence[Command]) -> t.List[Output]:
        """One after the other. Raises whatever the way raises."""

    @property
    def elevated(self) -> t.Optional[bool]:
        """Whether Windows lets us change such settings; None where that is not known. Asked after a first run."""

    def unelevated(self, commands: t.Sequence[Command]) -> str:
        """Why not, and how these changes can be made. Of no matter if elevated."""


class Nat(t.Protocol):
    """The service winnat."""

    query: Command
    obstacle: str  # why it cannot be stopped from here; "" if it can

    def runs(self, answer: Output) -> t.Optional[bool]:
        """What the query answered. None: it is not there, or it was not told."""

    def change(self, task: Task, state: State, todo: t.Mapping[Place, Plan], warn: Warn) -> None:
        """Stop it, change, and start it whatever comes between. Raises ReservationError."""


@dataclass
class Reservation:
    """One run. restart: NEVER, IF_NEEDED or ALWAYS. check: nothing is changed. warn: takes a sentence for people."""

    shell: Shell
    nat: Nat
    task: Task
    restart: str
    check: bool
    warn: Warn
    restarted: bool = False
    after: Tables = field(default_factory=dict)

    def run(self) -> t.Dict[str, t.Any]:
        """The task's result, also where it failed. Raises Unseen where Windows cannot be read."""
        query, *answers = self.shell.run([self.nat.query, *looks(self.task.places)])
        state = State(seen(self.task.places, answers))
        before = self.after = state.now.tables
        todo = plans(self.task, before)
        for text in notes(self.task, state, todo):
            self.warn(text)
        trouble = ""
        try:
            if self.restart == ALWAYS or any(plan.steps for plan in todo.values()):
                self._change(state, todo, self.nat.runs(query))
        except ReservationError as exc:
            trouble = str(exc)
        return self._result(before, trouble)

    def _change(self, state: State, todo: t.Mapping[Place, Plan], nat: t.Optional[bool]) -> None:
        self._refuse(todo, nat)
        self._refuse_loss(todo)
        self.restarted = self.restart == ALWAYS or bool(blocked(todo))
        if self.restarted:
            self.warn(f"winnat {'would be' if self.check else 'is'} stopped for a moment: {DISRUPTS}")
        if self.check:
            self.after = _predicted(state.now.tables, todo)
            self._foretell(todo)
            return
        try:
            if self.restarted:
                self.nat.change(self.task, state, todo, self.warn)
            settle(self.shell, self.task, state)
        except NotStopped:
            self.restarted = False
            raise
        finally:
            self.after = state.now.tables
        missed = unsettled(self.task, state)
        if missed:
            raise ReservationError("; ".join([*map(str, missed), *self._users(missed)]))

    def _foretell(self, todo: t.Mapping[Place, Plan]) -> None:
        """Warn of ports that Windows would refuse. Which it does, the real run alone tells."""
        wanted = added(todo)
        text = foreseen(wanted, *self.shell.run([SOCKETS, TASKS])) if wanted else ""
        if text:
            self.warn(text)

    def _users(self, missed: t.Sequence[Missed]) -> t.List[str]:
        """Who has the ports that were refused: Windows reserves none that a program has."""
        refused = [one for one in missed if one.command.verb == "add" and not one.kept]
        return users(refused, *self.shell.run([SOCKETS, TASKS])) if refused else []

    def _refuse(self, todo: t.Mapping[Place, Plan], nat: t.Optional[bool]) -> None:
        """Raises ReservationError where the change would fail, before anything is changed."""
        if self.restart == ALWAYS and (self.nat.obstacle or not nat):
            raise ReservationError(self.nat.obstacle or "the service winnat does not run, so it is not started again")
        if self.shell.elevated is False:
            changes = [change(place, one) for place, plan in todo.items() for one in plan.commands]
            raise ReservationError(self.shell.unelevated(changes))
        trouble = refusal.of_rows(blocked(todo), self.restart, bool(nat), self.nat.obstacle)
        if trouble:
            raise ReservationError(trouble)

    def _refuse_loss(self, todo: t.Mapping[Place, Plan]) -> None:
        """Raises ReservationError where a row would be deleted of which a part cannot be reserved again."""
        back = returning(todo)
        trouble = lost(back, *self.shell.run([SOCKETS, TASKS])) if back else ""
        if trouble:
            raise ReservationError(trouble)

    def _result(self, before: Tables, trouble: str) -> t.Dict[str, t.Any]:
        result: t.Dict[str, t.Any] = {"changed": before != self.after or (self.restarted and not trouble)}
        result["restarted_winnat"] = self.restarted
        result["disrupts"] = DISRUPTS if self.restarted else ""
        if trouble:
            result.update(failed=True, msg=trouble)
        if result["changed"] or not trouble:
            result["before"], result["after"] = report.records(before), report.records(self.after)
            result["diff"] = report.diff(before, self.after)
        return result


def blocked(todo: t.Mapping[Place, Plan]) -> t.List[Excluded]:
    """Rows of Windows' own that are in the way of a plan."""
    return sorted({row for plan in todo.values() for row in plan.blocked})


def _predicted(tables: Tables, todo: t.Mapping[Place, Plan]) -> Tables:
    freed = blocked(todo)
    return {place: report.after(table, todo[place].commands, freed) for place, table in tables.items()}
