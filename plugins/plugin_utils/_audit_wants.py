# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What the containers of a host want, without anybody asking: their published ports, had and configured."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import (
    ANY,
    ANY_V4,
    ANY_V6,
    Binding,
    canonical,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.claims import RUNNING
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import text_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Publication
from ansible_collections.dockmaster.ports.plugins.module_utils._core.want import Want


def had_by(evidence: Evidence) -> list[Publication]:
    """What running containers really have."""
    return [one for one in _of_containers(evidence) if one.actual and one.state in RUNNING]


def asked_by(evidence: Evidence) -> list[Publication]:
    """What containers that do not run are configured for."""
    return [one for one in _of_containers(evidence) if not one.actual and one.state not in RUNNING]


def lacking_to(evidence: Evidence) -> list[Publication]:
    """What running containers are configured for and do not have.

    So it is where somebody took the port while the engine was away (live-restore), or the network was disconnected.
    """
    had = {(one.container, one.protocol, one.target + i) for one in had_by(evidence) for i in range(_size(one))}
    asked = [one for one in _of_containers(evidence) if not one.actual and one.state in RUNNING]
    return [one for one in asked if (one.container, one.protocol, one.target) not in had]


def _of_containers(evidence: Evidence) -> t.Iterator[Publication]:
    return (one for one in evidence.publications or () if one.kind == "container" and one.first)


def _size(one: Publication) -> int:
    """How many container ports there are."""
    return 1 if one.choice == "any" else one.last - one.first + 1


def wants_of(published: t.Iterable[Publication]) -> list[Want]:
    """A want for each port and address."""
    addresses: dict[Publication, set[str]] = {}
    for one in published:
        addresses.setdefault(replace(one, ip=""), set()).add(canonical(one.ip) if one.ip else ANY)
    return [_want(one, ip) for one, ips in addresses.items() for ip in sorted(_joined(ips))]


def _joined(ips: set[str]) -> set[str]:
    """An engine lists 0.0.0.0 and [::] of one published port as two."""
    both = {ANY_V4, ANY_V6}
    return (ips - both) | {ANY} if both <= ips else ips


def _want(one: Publication, ip: str) -> Want:
    want = Want(Binding(ip, one.protocol, one.first, one.last), "", one.by or one.name, one.choice, one.target)
    want = replace(want, targets=_size(one))
    return replace(want, publish=text_of(want))
