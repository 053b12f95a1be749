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
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.plan import (
    Command,
    Goal,
    Plan,
    Wish,
    goal_of,
    plan,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Output
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
        todo = [(place, one) for place, one in plans(task, state.now.tables, state.back).items() if one.steps]
        turn = [(place, one) for place, one in todo if place[0] == todo[0][0][0]]
        if not turn:
            return
        before = state.now.tables
        changes = begin(state, dict(turn))
        answers = shell.run([*(change(*one) for one in changes), *looks(task.places)])
        note(state, changes, answers)
        state.now = seen(task.places, answers[len(changes) :])
        if state.now.tables == before:
            return


def begin(state: State, todo: t.Mapping[Place, Plan]) -> t.List[Change]:
    """The changes of these plans, in order. What goes with them for a moment is noted first."""
    for place, one in todo.items():
        state.back[place] = state.back.get(place, Goal()) | one.back
    return [(place, command) for place, one in todo.items() for command in one.commands]


def note(state: State, changes: t.Sequence[Change], answers: t.Sequence[Output]) -> None:
    """What was refused: also by exit status 0 and a sentence, so only the tables tell what came about."""
    for one, answer in zip(changes, answers):
        if answer.rc:
            state.refused[one] = said(answer)
        else:
            state.refused.pop(one, None)


def unsettled(task: Task, state: State) -> t.List[str]:
    """A sentence for each change that did not come about; none if all is as it was wished."""
    found = []
    for place, one in plans(task, state.now.tables, state.back).items():
        for command in one.commands:
            found.append(_sentence(place, command, state.refused.get((place, command), "")))
    return found


def _sentence(place: Place, command: Command, why: str) -> str:
    ports = str(command.first) if command.first == command.last else f"{command.first}-{command.last}"
    what = "not reserved" if command.verb == "add" else "still reserved"
    return f"{ports}/{place[1]} is {what} ({place[0]}){f': netsh said: {why}' if why else ''}"
