# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Windows' settings that decide who may bind what, and the addresses that there are to bind.

Source: netsh interface ipv4|ipv6 show dynamicport protocol=tcp|udp; .NET's NetworkInterface.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import BindingError, canonical
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Address, DrawnRange, Kernel
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.netsh import dynamic_range
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.visible import visible
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows.command import (
    Command,
    machine_of,
    printed,
)

SECTIONS = ("kernel",)

_RANGES = {
    (family, protocol): Command(("netsh", "interface", family, "show", "dynamicport", f"protocol={protocol}"))
    for family in ("ipv4", "ipv6")
    for protocol in ("tcp", "udp")
}


def commands(request: Request) -> t.Sequence[Command]:
    return tuple(_RANGES.values())


def probe(host: Host, request: Request, evidence: Evidence, blind: t.List[Blind]) -> t.Dict[str, Kernel]:
    """port_range is the widest of both families and protocols. Raises Unseen where addresses are not seen."""
    told = machine_of(host)
    addresses = tuple(one for entry in told["addresses"] for one in _address(entry))
    drawn = tuple(one for place in _RANGES for one in _range(host, *place, blind))
    return {
        "kernel": Kernel(
            release=visible(told["version"]),
            port_range=(min(one.first for one in drawn), max(one.last for one in drawn)) if drawn else (),
            ipv6=any(":" in one.ip for one in addresses),
            addresses=addresses,
            drawn=drawn,
        )
    }


def _range(host: Host, family: str, protocol: str, blind: t.List[Blind]) -> t.Iterator[DrawnRange]:
    try:
        found = dynamic_range(printed(host, _RANGES[family, protocol]))
        yield DrawnRange(found.start, found.last, protocol, family)
    except Unseen as exc:
        blind.append(Blind("kernel", exc.why, exc.see, part=f"the ports that connections are given ({family})"))


def _address(entry: t.Mapping[str, t.Any]) -> t.Iterator[Address]:
    """Without its zone; none for what is no address."""
    try:
        yield Address(canonical(entry["ip"].partition("%")[0]), entry["prefix"], visible(entry["interface"]))
    except BindingError:
        return
