# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What task win_port_reservation does on one host, and what it tells of it."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.dockmaster.ports.plugins.module_utils._excluded import report
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.netsh import Place, Tables, looks, seen
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.plan import PERSISTENT, Plan
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.settle import (
    Missed,
    State,
    Task,
    plans,
    unsettled,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.users import SOCKETS, TASKS, users
from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows import winnat
from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows.carry import (
    NOT_ELEVATED,
    NotStopped,
    ReservationError,
    Shell,
    blocked,
    carry_out,
)


@dataclass
class Reservation:
    """One run. allowed: winnat may be stopped. check: nothing is changed. warn: takes a sentence for people."""

    shell: Shell
    task: Task
    allowed: bool
    check: bool
    warn: Callable[[str], None]
    restarted: bool = False
    after: Tables = field(default_factory=dict)

    def run(self) -> dict[str, t.Any]:
        """The task's result, also where it failed. Raises Unseen where Windows cannot be read."""
        query, *answers = self.shell.run([winnat.QUERY, *looks(self.task.places)])
        state = State(seen(self.task.places, answers))
        before = self.after = state.now.tables
        todo = plans(self.task, before)
        self._warn_of(state, todo)
        trouble = ""
        try:
            if any(plan.steps for plan in todo.values()):
                self._change(state, todo, winnat.runs(query))
        except ReservationError as exc:
            trouble = str(exc)
        return self._result(before, trouble)

    def _change(self, state: State, todo: Mapping[Place, Plan], nat: bool | None) -> None:
        self._refuse(todo, nat)
        self.restarted = bool(blocked(todo))
        if self.restarted:
            self.warn(f"winnat {'would be' if self.check else 'is'} stopped for a moment: {winnat.DISRUPTS}")
        if self.check:
            self.after = _predicted(state.now.tables, todo)
            return
        try:
            carry_out(self.shell, self.task, state, todo, self.warn)
        except NotStopped:
            self.restarted = False
            raise
        finally:
            self.after = state.now.tables
        missed = unsettled(self.task, state)
        if missed:
            raise ReservationError("; ".join([*map(str, missed), *self._users(missed)]))

    def _users(self, missed: Sequence[Missed]) -> list[str]:
        """Who has the ports that were refused: Windows reserves none that a program has."""
        refused = [one for one in missed if one.command.verb == "add" and not one.kept]
        return users(refused, *self.shell.run([SOCKETS, TASKS])) if refused else []

    def _refuse(self, todo: Mapping[Place, Plan], nat: bool | None) -> None:
        """Raises ReservationError where the change would fail, before anything is changed."""
        if not self.shell.elevated:
            raise ReservationError(NOT_ELEVATED)
        rows = blocked(todo)
        if not rows or (self.allowed and nat):
            return
        why = (
            f"Windows itself keeps {report.rows_text(rows)} (Hyper-V, WinNAT or HTTP.sys), and lets none reserve there"
        )
        if not self.allowed:
            raise ReservationError(
                f"{why}: restart_winnat=if_needed stops the service winnat for a moment, in which {winnat.DISRUPTS}"
            )
        raise ReservationError(f"{why}, and the service winnat, whose stop lets go of its blocks, does not run")

    def _warn_of(self, state: State, todo: Mapping[Place, Plan]) -> None:
        for place, why in state.now.hidden.items():
            self.warn(f"what lasts is not told ({' '.join(place)}): {why}; rows of administrators are taken to last")
        for place, table in state.now.tables.items():
            wish = self.task.wishes[place[1]]
            kept = [r for r in table.active if not r.administered and wish.ports & set(range(r.first, r.last + 1))]
            if wish.state == "absent" and kept:
                self.warn(f"{report.rows_text(kept)} ({' '.join(place)}) is kept by Windows itself, and stays")
            gone = [one[1:3] for one in todo[place].commands if one.verb == "delete" and one.store == PERSISTENT]
            if report.STOCK in gone and wish.state == "exactly":
                self.warn(
                    f"50000-50059 ({' '.join(place)}), which Windows excludes when it is installed, is not wished"
                )

    def _result(self, before: Tables, trouble: str) -> dict[str, t.Any]:
        result: dict[str, t.Any] = {"changed": before != self.after or (self.restarted and not trouble)}
        result["restarted_winnat"] = self.restarted
        result["disrupts"] = winnat.DISRUPTS if self.restarted else ""
        if trouble:
            result.update(failed=True, msg=trouble)
        if result["changed"] or not trouble:
            result["before"], result["after"] = report.records(before), report.records(self.after)
            result["diff"] = report.diff(before, self.after)
        return result


def _predicted(tables: Tables, todo: Mapping[Place, Plan]) -> Tables:
    freed = blocked(todo)
    return {place: report.after(table, todo[place].commands, freed) for place, table in tables.items()}
