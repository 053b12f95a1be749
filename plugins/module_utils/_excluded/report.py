# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Excluded ports as results and diffs tell them."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.netsh import Place, Tables
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.rows import PERSISTENT, Command, Table
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.netsh import Excluded

STOCK = (50000, 50059)  # excluded by Windows' own installation, as an administrator's row


def after(table: Table, commands: t.Sequence[Command], freed: t.Container[Excluded] = ()) -> Table:
    """What these commands would make of a table. freed: rows of others that go before."""
    active = [row for row in table.active if row not in freed]
    lasting = list(table.persistent)
    for command in commands:
        row = Excluded(command.first, command.last, True)
        stores = [active, lasting] if command.store == PERSISTENT else [active]
        for store in stores:
            if command.verb == "add":
                store.append(row)
            elif row in store:
                store.remove(row)
    return Table(tuple(sorted(active)), tuple(sorted(lasting)))


def records(tables: Tables) -> t.List[t.Dict[str, t.Any]]:
    """A record a row: what is in force first, then what lasts and is not in force."""
    found = []
    for place, table in tables.items():
        for row in (*table.active, *(row for row in table.persistent if row not in table.active)):
            found.append(_record(place, table, row))
    return found


def _record(place: Place, table: Table, row: Excluded) -> t.Dict[str, t.Any]:
    return {
        "family": place[0],
        "protocol": place[1],
        "first": row.first,
        "last": row.last,
        "administered": row.administered,
        "active": row in table.active,
        "persistent": row.administered and row in table.persistent,
    }


def diff(before: Tables, now: Tables) -> t.List[t.Dict[str, str]]:
    """A table a place that differs."""
    parts = []
    for place, table in before.items():
        if table != now[place]:
            head = f"ports that Windows excludes ({place[0]}, {place[1]})"
            parts.append(
                {"before_header": head, "after_header": head, "before": _lines(table), "after": _lines(now[place])}
            )
    return parts


def _lines(table: Table) -> str:
    rows = sorted({*table.active, *(row for row in table.persistent if row not in table.active)})
    return "".join(f"{row.first:5}-{row.last:<5} {_kind(table, row)}\n" for row in rows)


def _kind(table: Table, row: Excluded) -> str:
    if not row.administered:
        return "kept by Windows"
    if row not in table.persistent:
        return "reserved until the next boot"
    return "reserved" if row in table.active else "reserved from the next boot on"


def rows_text(rows: t.Iterable[Excluded]) -> str:
    return ", ".join(str(row.first) if row.first == row.last else f"{row.first}-{row.last}" for row in rows)
