# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Ports that Windows keeps back.

Source: netsh interface ipv4|ipv6 show excludedportrange protocol=tcp|udp.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import ExcludedRange
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.netsh import excluded_ranges
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows.command import Command, printed

SECTIONS = ("exclusions",)

_TABLES = {
    (family, protocol): Command(("netsh", "interface", family, "show", "excludedportrange", f"protocol={protocol}"))
    for family in ("ipv4", "ipv6")
    for protocol in ("tcp", "udp")
}


def commands(request: Request) -> t.Sequence[Command]:
    return tuple(_TABLES.values())


def probe(
    host: Host, request: Request, evidence: Evidence, blind: t.List[Blind]
) -> t.Dict[str, t.Tuple[ExcludedRange, ...]]:
    """Raises Unseen where one of the tables cannot be read."""
    return {"exclusions": tuple(row for table in _TABLES for row in _rows(host, *table))}


def _rows(host: Host, family: str, protocol: str) -> t.Iterator[ExcludedRange]:
    for row in excluded_ranges(printed(host, _TABLES[family, protocol])):
        yield ExcludedRange(row.first, row.last, protocol, family, row.administered)
