# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The request wants the same port twice.

Seen as: "Bind for 0.0.0.0:8080 failed: port is already allocated" with no other container in sight; up to 28.2 for
0.0.0.0 beside 127.0.0.1 "address already in use".
Typical: a Compose override whose `ports` are appended to the first file's, 8080:80 beside 127.0.0.1:8080:80, replicas
on one fixed port. Port 53/tcp beside 53/udp is no clash, and the same binding for the same container port is one.
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
            who = "it" if other.by == case.want.by else (other.by or "another container")
            finding = case.finding(
                CAUSE, None, f"{who} also wants {overlap} (published as {other.publish})", move_want(case)
            )
            holder = Holder("want", other.by, other.publish, other.by)
            yield replace(finding, holder=holder, overlap=str(overlap))


def _overlap(want: Want, other: Want) -> t.Optional[Binding]:
    """Ports that both must have; a range of which any port is enough gives way, unless it has but this one port."""
    if "any" in (want.choice, other.choice):
        return None
    same = want.by == other.by and want.binding == other.binding and want.target == other.target
    return None if same and want.target else want.binding.meet(other.binding)
