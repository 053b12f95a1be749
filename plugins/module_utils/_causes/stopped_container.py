# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A container that does not run will want the port when it starts.

Seen as: nothing today. The next start of that container fails with the text of `container`.
A container that is created, exited or dead holds no port on any engine from 20.10 on; one that restarts in a loop
holds none between its attempts, and takes it at the next.
Told apart from `container` by its state; what its inspect still lists under NetworkSettings.Ports does not count.
Source: GET /containers/{id}/json, HostConfig.PortBindings.
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

CAUSE = Cause(
    id="stopped_container",
    title="A container that does not run will want the port when it starts",
    needs=("publications",),
)


def explain(case: Case) -> t.Iterator[Finding]:
    for clash in case.clashes("stopped_container"):
        holder = clash.holder
        params = {"container": holder.id, "name": holder.name}
        remove = Remedy("remove_container", f"remove {holder}", f"{holder} is gone, not its volumes", params)
        because = f"{holder} will want {clash.overlap} when it starts"
        yield case.finding(CAUSE, clash, because, move_want(case), remove)
