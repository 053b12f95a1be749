# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The request wants the same port twice.

Seen as: "Bind for 0.0.0.0:8080 failed: port is already allocated" with no other container in sight; up to 28.2 for
0.0.0.0 beside 127.0.0.1 "address already in use".
Typical: a Compose override whose `ports` are appended to the first file's, 8080:80 beside 127.0.0.1:8080:80, replicas
on one fixed port. The very same port twice is refused as well: the engine binds it once for each. Port 53/tcp beside
53/udp is no clash.
Told apart from `container` by both wants being part of the request: nothing on the host has the port yet.
Source: Compose specification, 13-merge.md.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import Binding
from ansible_collections.dockmaster.ports.plugins.module_utils._core.claims import Holder
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import (
    Case,
    Cause,
    Finding,
    move_want,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.want import Want

CAUSE = Cause(id="duplicate_want", title="The request wants the same port twice", needs=())


def explain(case: Case) -> t.Iterator[Finding]:
    for place, other in enumerate(case.others):
        overlap = None if place == case.place else _overlap(case.want, other)
        if overlap:
            reason = f"{_who(case.want, other)} also wants {overlap} (published as {other.publish})"
            yield _finding(case, other, str(overlap), reason)
    crowd = [other for other in case.others if _draws_alike(case.want, other)]
    size = len(case.want.binding.ports())
    if len(crowd) > size:
        yield _finding(case, case.want, str(case.want.binding), f"{len(crowd)} containers want a port of these {size}")


def _finding(case: Case, other: Want, overlap: str, reason: str) -> Finding:
    holder = Holder("want", other.by, other.publish, other.by)
    return replace(case.finding(CAUSE, None, reason, move_want(case)), holder=holder, overlap=overlap)


def _who(want: Want, other: Want) -> str:
    if other.by != want.by:
        return other.by or "another container"
    return "it" if other.replica == want.replica else "another replica of it"


def _draws_alike(want: Want, other: Want) -> bool:
    """Whether both want any one port of the same range."""
    return want.choice == other.choice == "any" and want.binding == other.binding


def _overlap(want: Want, other: Want) -> t.Optional[Binding]:
    """Ports that both must have; a range of which any port is enough gives way, unless it has but this one port."""
    return None if "any" in (want.choice, other.choice) else want.binding.meet(other.binding)
