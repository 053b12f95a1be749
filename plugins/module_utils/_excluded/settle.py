# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Bring Windows' excluded ports to what is wished, look again, and tell what did not come about.

Exit statuses explain, and tables decide: IPv4 and IPv6 may share one list (as they do on the Windows that is known), so
what is added through one may be refused, and be there, through the other.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.netsh import (
    Place,
    Seen,
    Tables,
    change,
    looks,
    said,
    seen,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.plan import goal_of, plan
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.report import rows_text
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.rows import Command, Goal, Plan, Wish
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Output
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.netsh import Excluded
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows import command as windows

Change = t.Tuple[Place, Command]
TURNS = 6  # two for the families, one for what did not come back; more only if others change the same ports


class Shell(t.Protocol):
    def run(self, commands: t.Sequence[windows.Command]) -> t.List[Output]:
        """One after the other. Raises whatever the way to the host raises."""


@dataclass(frozen=True)
class Task:
    """wishes: by protocol. places: the tables that they are held against."""

    wishes: t.Mapping[str, Wish]
    families: t.Tuple[str, ...]

    @property
    def places(self) -> t.Tuple[Place, ...]:
        return tuple((family, protocol) for protocol in self.wishes for family in self.families)


@dataclass
class State:
    """now: as seen last. back: what went with rows, and is to be there again. refused: what netsh said to a change."""

    now: Seen
    back: t.Dict[Place, Goal] = field(default_factory=dict)
    refused: t.Dict[Change, str] = field(default_factory=dict)


def look(shell: Shell, task: Task) -> Seen:
    """Raises Unseen."""
    return seen(task.places, shell.run(looks(task.places)))


def plans(task: Task, tables: Tables, back: t.Optional[t.Mapping[Place, Goal]] = None) -> t.Dict[Place, Plan]:
    """A plan a place, also where nothing is to be done."""
    found = {}
    for place in task.places:
        goal = goal_of(tables[place], task.wishes[place[1]]) | (back or {}).get(place, Goal())
        found[place] = plan(tables[place], goal)
    return found


def settle(shell: Shell, task: Task, state: State) -> None:
    """Family by family, until nothing is left to do or nothing moves any more. Raises Unseen."""
    for _turn in range(TURNS):
        todo = {place: one for place, one in plans(task, state.now.tables, state.back).items() if one.free}
        if not todo:
            return
        family = next(iter(todo))[0]
        before = state.now.tables
        changes = begin(state, {place: one for place, one in todo.items() if place[0] == family})
        answers = shell.run([*(change(*one) for one in changes), *looks(task.places)])
        note(state, changes, answers)
        state.now = seen(task.places, answers[len(changes) :])
        if state.now.tables == before:
            return


def begin(state: State, todo: t.Mapping[Place, Plan], through: bool = False) -> t.List[Change]:
    """The changes of these plans, in order. What goes with them for a moment is noted first.

    through: all families at once, and also where rows that are not administered stand. They are about to go.
    """
    for place, one in todo.items():
        state.back[place] = state.back.get(place, Goal()) | one.back
    if through:
        return [(place, command) for place in todo for command in _at_once(state, todo, place)]
    return [(place, command) for place, one in todo.items() for command in one.free]


def _at_once(state: State, todo: t.Mapping[Place, Plan], place: Place) -> t.Iterator[Command]:
    """A place's commands. One that shows the same rows as one before is mostly the same list: it deletes nothing, for
    that could be what has just come back.
    """
    before = list(todo)[: list(todo).index(place)]
    same = any(one[1] == place[1] and state.now.tables[one] == state.now.tables[place] for one in before)
    for step in todo[place].steps:
        if not (same and any(command.verb == "delete" for command in step)):
            yield from step


def note(state: State, changes: t.Sequence[Change], answers: t.Sequence[Output]) -> None:
    """What was refused: also by exit status 0 and a sentence, so only the tables tell what came about."""
    for one, answer in zip(changes, answers):
        if answer.rc:
            state.refused[one] = said(answer)
        else:
            state.refused.pop(one, None)


class Missed(t.NamedTuple):
    """A change that did not come about. kept: rows of Windows' own in its way. refused: what netsh said, or ""."""

    place: Place
    command: Command
    kept: t.Tuple[Excluded, ...] = ()
    refused: str = ""

    def __str__(self) -> str:
        first, last = self.command.first, self.command.last
        ports = f"{first}/{self.place[1]}" if first == last else f"{first}-{last}/{self.place[1]}"
        what = "not reserved" if self.command.verb == "add" else "still reserved"
        why = f": Windows itself keeps {rows_text(self.kept)}" if self.kept else ""
        why = why or (f": netsh said: {self.refused}" if self.refused else "")
        return f"{ports} is {what} ({self.place[0]}){why}"


def unsettled(task: Task, state: State) -> t.List[Missed]:
    """None if all is as it was wished."""
    found = []
    for place, one in plans(task, state.now.tables, state.back).items():
        for command in one.commands:
            rows = [row for row in one.blocked if row.first <= command.last and command.first <= row.last]
            kept = tuple(rows) if command.verb == "add" else ()
            found.append(Missed(place, command, kept, state.refused.get((place, command), "")))
    return found
