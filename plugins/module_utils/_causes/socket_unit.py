# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A systemd socket unit has the port, or takes it when it starts.

Seen as: the same texts as `process`; `ss -p` names pid 1, systemd.
An active .socket unit holds the port although its service may not run; stopping the service is not enough. One that is
enabled and not active takes the port at the next boot.
Told apart from `unit` by the unit's Listen addresses and by pid 1 being the owner.
Source: systemd.socket(5); systemctl show -p Listen,ActiveState,UnitFileState.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.claims import Hold
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import (
    Case,
    Cause,
    Finding,
    Remedy,
    move_want,
)

# Sockets that are hidden are for `process` to speak of: a unit that is not active has none, and a bind that succeeded
# tells of those that are
CAUSE = Cause(
    id="socket_unit", title="A systemd socket unit has the port, or takes it when it starts", needs=("units",)
)


def explain(case: Case) -> t.Iterator[Finding]:
    for clash in case.clashes("socket_unit"):
        unit = clash.holder.name
        has = "has" if clash.hold is Hold.BOUND else "takes"
        when = "" if clash.hold is Hold.BOUND else " when it starts"
        stop = Remedy("stop_unit", f"stop and disable {unit}", f"{unit} stops", {"unit": unit})
        yield case.finding(CAUSE, clash, f"{unit} {has} {clash.overlap}{when}", move_want(case), stop)
