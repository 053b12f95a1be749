# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Another container publishes the port.

Seen as: "Bind for 0.0.0.0:8080 failed: port is already allocated". Up to 28.2 an address beside 0.0.0.0 is refused by
the kernel instead, with the texts of `process`; from 28.3 on the text may name the holder's address.
A paused container has its port as a running one does. A stopped one does not (see `stopped_container`).
Told apart from `ghost_endpoint` by a container that runs.
Source: GET /containers/json; moby, portallocator.go.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import (
    Case,
    Cause,
    Finding,
    Remedy,
    move_want,
)

CAUSE = Cause(id="container", title="Another container publishes the port", needs=("publications",))


def explain(case: Case) -> t.Iterator[Finding]:
    for clash in case.clashes("container"):
        stop = Remedy(
            "stop_container",
            f"stop {clash.holder}",
            f"{clash.holder} stops",
            {"container": clash.holder.id, "name": clash.holder.name},
        )
        yield case.finding(CAUSE, clash, f"{clash.holder} has {clash.overlap}", move_want(case), stop)
