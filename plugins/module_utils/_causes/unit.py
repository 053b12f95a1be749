# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A systemd unit has the port.

Seen as: the same texts as `process`.
Typical: a distribution's nginx, apache2 or postgresql, or systemd-resolved's stub on 127.0.0.53:53, which refuses
0.0.0.0:53 and leaves every concrete address of the host free.
Told apart from `process` by the process's cgroup. Stopping the bare process would not last: systemd starts it again.
Source: systemd.unit(5); resolved.conf(5), DNSStubListener=.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import WILDCARDS
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import (
    Case,
    Cause,
    Finding,
    Remedy,
    move_want,
)

CAUSE = Cause(id="unit", title="A systemd unit has the port", needs=("sockets",), probed=True)


def explain(case: Case) -> t.Iterator[Finding]:
    for clash in case.clashes("unit"):
        unit = clash.holder.name
        remedies = [move_want(case)]
        if all(narrow.ip not in WILDCARDS for narrow in clash.overlaps):
            remedies.append(Remedy("bind_specific_address", f"publish on an address that {unit} does not use"))
        if unit == "systemd-resolved.service":
            remedies.append(_release_stub())
        remedies.append(Remedy("stop_unit", f"stop and disable {unit}", f"{unit} stops", {"unit": unit}))
        yield case.finding(CAUSE, clash, f"{clash.holder} has {clash.overlap}", *remedies)


def _release_stub() -> Remedy:
    return Remedy(
        "release_resolved_stub",
        "turn systemd-resolved's stub listener off and keep the host's name resolution",
        "programs that ask 127.0.0.53 for names",
    )
