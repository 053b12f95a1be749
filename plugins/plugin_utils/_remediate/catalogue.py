# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Every remedy that role remediate can take, the gentlest first. The only list of them.

A remedy is a line here, a file `roles/remediate/tasks/<id>.yml`, an entry point of the same name in the role's
`meta/argument_specs.yml`, and a page `docs/remedies/<id>.md`; a test says so.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """What is to be known of a remedy to plan it.

    id: of its tasks file. acts_on: the parameters that name what it acts on; steps that act on the same are one step,
    and without any there is one step a host. joins: lists that steps have in common. lowest: numbers of which the
    smallest counts. by_want: it acts on the want itself. chore: no finding offers it; the user asks for it.
    """

    id: str
    acts_on: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()
    lowest: tuple[str, ...] = ()
    by_want: bool = False
    chore: bool = False


REMEDIES: tuple[Kind, ...] = (
    Kind("wait"),
    Kind("reserve_port", joins=("ports",)),
    Kind("restore_dynamic_range"),
    Kind("release_windows_port", acts_on=("protocol",), joins=("ports",)),
    Kind("move_want", by_want=True),
    Kind("bind_specific_address", by_want=True),
    Kind("remove_orphan_rules", joins=("rules",)),
    Kind("remove_endpoint", acts_on=("address",)),
    Kind("prune_networks", chore=True),
    Kind("remove_stale_containers", chore=True),
    Kind("lower_unprivileged_port", lowest=("start",)),
    Kind("remove_container", acts_on=("container",)),
    Kind("stop_process", acts_on=("pid", "started")),
    Kind("stop_container", acts_on=("container",)),
    Kind("release_resolved_stub"),
    Kind("stop_unit", acts_on=("unit",)),
    Kind("use_one_backend"),
    Kind("reserve_windows_port", acts_on=("protocol",), joins=("ports",)),
    Kind("restart_winnat"),
    Kind("restart_engine"),
    Kind("restart_desktop"),
)

BY_ID = {kind.id: kind for kind in REMEDIES}


def step(remedy: str, summary: str, disrupts: t.Any) -> str:
    """A remedy for people: in the words of role remediate; what it cannot do, or nobody need do, in plain ones."""
    kind = BY_ID.get(remedy)
    if kind is None or kind.by_want or kind.id == "wait":
        return summary
    return f"remediate with {remedy}{'' if disrupts else ' (nothing else is disturbed)'}"
