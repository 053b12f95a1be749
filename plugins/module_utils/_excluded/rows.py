# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Windows' excluded ports as tables of rows, and what is wished, aimed at and planned of them."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.dockmaster.ports.plugins.module_utils._probes.netsh import Excluded
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.ports import NONE, Ports

ACTIVE, PERSISTENT = "active", "persistent"


@dataclass(frozen=True)
class Table:
    """The excluded ports of one protocol, as one family of addresses shows them.

    active: what counts now; persistent: what administrators have excluded for every boot.
    """

    active: t.Tuple[Excluded, ...] = ()
    persistent: t.Tuple[Excluded, ...] = ()

    @property
    def reserved(self) -> Ports:
        """Excluded by administrators, and in force."""
        return ports_of(row for row in self.active if row.administered)

    @property
    def lasting(self) -> Ports:
        return ports_of(self.persistent)


@dataclass(frozen=True)
class Wish:
    """state: present, absent, exactly. store: persistent (now and at every boot) or active (until the next boot)."""

    ports: Ports
    state: str = "present"
    store: str = PERSISTENT


class Command(t.NamedTuple):
    """One row that comes or goes. verb: add or delete."""

    verb: str
    first: int
    last: int
    store: str


@dataclass(frozen=True)
class Goal:
    """What administrators are to have excluded: in force, and for every boot."""

    active: Ports = NONE
    persistent: Ports = NONE

    def __or__(self, other: Goal) -> Goal:
        return Goal(self.active | other.active, self.persistent | other.persistent)


@dataclass(frozen=True)
class Plan:
    """What leads to a goal.

    steps: commands that belong together. A cut between two steps leaves each port as it was or as it is to be.
    blocked: rows that are not administered, where a row would have to be added. Windows refuses it while they stand.
    back: what is taken away with a row for a moment, and is to be there again.
    """

    steps: t.Tuple[t.Tuple[Command, ...], ...] = ()
    blocked: t.Tuple[Excluded, ...] = ()
    back: Goal = field(default_factory=Goal)

    @property
    def commands(self) -> t.Tuple[Command, ...]:
        return tuple(command for step in self.steps for command in step)

    @property
    def free(self) -> t.Tuple[Command, ...]:
        """Those of steps that nothing stands in the way of."""
        taken = ports_of(self.blocked)
        steps = (step for step in self.steps if not any(one.verb == "add" and ports_of([one]) & taken for one in step))
        return tuple(command for step in steps for command in step)


def ports_of(rows: t.Iterable[t.Union[Excluded, Command]]) -> Ports:
    return frozenset(port for row in rows for port in range(row.first, row.last + 1))
