# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Windows' excluded ports through netsh: looking, and the command of each change.

Source: netsh interface ipv4|ipv6 show|add|delete excludedportrange /?
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.rows import ACTIVE, PERSISTENT, Command, Table
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Output, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.netsh import Excluded, excluded_ranges
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.visible import visible
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows import command as windows

FAMILIES = ("ipv4", "ipv6")
Place = t.Tuple[str, str]  # family and protocol: netsh has a table for each
Tables = t.Mapping[Place, Table]


class Seen(t.NamedTuple):
    """hidden: why what lasts was not told, of places whose administered rows are taken to last."""

    tables: Tables
    hidden: t.Mapping[Place, str]


def looks(places: t.Iterable[Place]) -> t.List[windows.Command]:
    """Two commands a place, in the order that `seen` takes their answers in."""
    return [_netsh(place, "show", f"store={store}") for place in places for store in (ACTIVE, PERSISTENT)]


def seen(places: t.Sequence[Place], answers: t.Sequence[Output]) -> Seen:
    """Raises Unseen where what is in force cannot be read."""
    tables: t.Dict[Place, Table] = {}
    hidden: t.Dict[Place, str] = {}
    for number, place in enumerate(places):
        active = _read(answers[2 * number])
        try:
            lasting = tuple(Excluded(row.first, row.last, True) for row in _read(answers[2 * number + 1]))
        except Unseen as exc:
            hidden[place] = exc.why
            lasting = tuple(row for row in active if row.administered)
        tables[place] = Table(active, lasting)
    return Seen(tables, hidden)


def _read(answer: Output) -> t.Tuple[Excluded, ...]:
    """Whatever is no table is an error of netsh's, also with exit status 0."""
    if answer.rc:
        raise Unseen(f"netsh failed (exit status {answer.rc}): {said(answer)}")
    return excluded_ranges(answer.out)


def said(answer: Output) -> str:
    """What a program complained of, in one line. Windows' own complain on standard output."""
    return visible(" ".join((answer.err.strip() or answer.out).split())).rstrip(".") or "nothing"


def change(place: Place, command: Command, after: t.Optional[windows.Command] = None) -> windows.Command:
    size = (f"startport={command.first}", f"numberofports={command.last - command.first + 1}")
    return _netsh(place, command.verb, *size, f"store={command.store}", after=after)


def _netsh(place: Place, verb: str, *words: str, after: t.Optional[windows.Command] = None) -> windows.Command:
    family, protocol = place
    argv = ("netsh", "interface", family, verb, "excludedportrange", f"protocol={protocol}", *words)
    return windows.Command(argv, after=after)
