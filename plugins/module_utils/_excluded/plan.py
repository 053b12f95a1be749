# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Which rows of Windows' excluded ports have to come and go, that wished ports are excluded, or are not.

Windows knows rows, people wish for ports. A row is added where no other row is, and deleted by its exact first port and
length. So a row of which a part is to go is deleted whole, and what is to stay of it is added again right after.
"""

from __future__ import annotations

import functools
import operator
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.rows import (
    ACTIVE,
    PERSISTENT,
    Command,
    Goal,
    Plan,
    Table,
    Wish,
    ports_of,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.netsh import Excluded
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.ports import Ports, runs


def goal_of(table: Table, wish: Wish) -> Goal:
    """What is there, changed as wished: rows of others stay, but with state exactly."""
    active, persistent = _changed(table.reserved, wish), table.lasting
    if wish.store == PERSISTENT:
        persistent = _changed(persistent, wish)
    return Goal(active, persistent)


def _changed(ports: Ports, wish: Wish) -> Ports:
    if wish.state == "present":
        return ports | wish.ports
    return ports - wish.ports if wish.state == "absent" else wish.ports


def plan(table: Table, goal: Goal) -> Plan:
    """First what is only added, then the rows that have to be broken."""
    knots = [knot for knot in _knots(table) if knot.to_break(goal)]
    tied = frozenset().union(*(knot.ports for knot in knots))
    lasting = goal.persistent - table.lasting - table.reserved - tied
    passing = goal.active - table.reserved - lasting - tied
    added = (*_rows("add", lasting, PERSISTENT), *_rows("add", passing, ACTIVE))
    broken = [knot.broken(goal) for knot in knots]
    broken += [_shortened(row, goal) for row in table.active if row.administered and not tied & ports_of([row])]
    broken = [step for step in broken if step]
    back = functools.reduce(operator.or_, map(_comes_back, broken), Goal())
    come = lasting | passing | back.active
    return Plan((*((command,) for command in added), *broken), _in_the_way(table, come), back)


@dataclass(frozen=True)
class _Knot:
    """Rows of administrators that share ports, mostly one for every boot and the same in force."""

    active: t.Tuple[Excluded, ...] = ()
    persistent: t.Tuple[Excluded, ...] = ()

    @property
    def ports(self) -> Ports:
        return ports_of((*self.active, *self.persistent))

    def to_break(self, goal: Goal) -> bool:
        """Whether other ports of it are to be there for every boot than are."""
        return self.ports & goal.persistent != ports_of(self.persistent)

    def broken(self, goal: Goal) -> t.Tuple[Command, ...]:
        """All its rows go. Windows takes a row for every boot out of force as well, if the very same is in force."""
        own = [row for row in self.active if row[:2] not in {lasting[:2] for lasting in self.persistent}]
        last = self.ports & goal.persistent
        return (
            *(_delete(row, ACTIVE) for row in own),
            *(_delete(row, PERSISTENT) for row in self.persistent),
            *_rows("add", last, PERSISTENT),
            *_rows("add", (ports_of(self.active) & goal.active) - last, ACTIVE),
        )


def _knots(table: Table) -> t.List[_Knot]:
    knots: t.List[_Knot] = []
    stored = [(row, False) for row in table.active if row.administered] + [(row, True) for row in table.persistent]
    for row, lasts in sorted(stored):
        if not knots or row.first > max(knots[-1].ports):
            knots.append(_Knot())
        knot = knots[-1]
        knots[-1] = (
            _Knot(knot.active, (*knot.persistent, row)) if lasts else _Knot((*knot.active, row), knot.persistent)
        )
    return knots


def _shortened(row: Excluded, goal: Goal) -> t.Tuple[Command, ...]:
    """A row in force of which some ports are not to be in force until the next boot."""
    stay = ports_of([row]) & goal.active
    return () if stay == ports_of([row]) else (_delete(row, ACTIVE), *_rows("add", stay, ACTIVE))


def _in_the_way(table: Table, ports: Ports) -> t.Tuple[Excluded, ...]:
    return tuple(row for row in table.active if not row.administered and ports & ports_of([row]))


def _comes_back(step: t.Sequence[Command]) -> Goal:
    added = [command for command in step if command.verb == "add"]
    return Goal(ports_of(added), ports_of(command for command in added if command.store == PERSISTENT))


def _delete(row: Excluded, store: str) -> Command:
    return Command("delete", row.first, row.last, store)


def _rows(verb: str, ports: Ports, store: str) -> t.List[Command]:
    return [Command(verb, first, last, store) for first, last in runs(ports)]
