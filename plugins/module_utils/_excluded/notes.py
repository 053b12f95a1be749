# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What people are to know of a reservation before it is made."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.netsh import Place
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.report import STOCK, rows_text
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.rows import PERSISTENT, Plan, ports_of
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.settle import State, Task


def notes(task: Task, state: State, todo: t.Mapping[Place, Plan]) -> t.Iterator[str]:
    """Sentences."""
    for place, why in state.now.hidden.items():
        yield f"what lasts is not told ({' '.join(place)}): {why}; rows of administrators are taken to last"
    for place, table in state.now.tables.items():
        wish = task.wishes[place[1]]
        kept = [row for row in table.active if not row.administered and wish.ports & ports_of([row])]
        if wish.state == "absent" and kept:
            yield f"{rows_text(kept)} ({' '.join(place)}) is kept by Windows itself, and stays"
        gone = [one[1:3] for one in todo[place].commands if one.verb == "delete" and one.store == PERSISTENT]
        if STOCK in gone and wish.state == "exactly":
            yield f"50000-50059 ({' '.join(place)}), which Windows' installation excludes, is not wished"
