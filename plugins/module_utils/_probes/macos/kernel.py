# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The settings of a Mac's kernel that decide who may bind what, and the addresses that there are to bind.

There is no list of reserved ports to keep the kernel from handing one out. Anybody may bind a low port on all addresses
(since macOS 10.14), and only root on a single one.
Source: sysctl(8), ifconfig(8); XNU, bsd/netinet/in_pcb.c.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import MAX_PORT
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Address, Kernel
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.visible import visible

SECTIONS = ("kernel",)

RANGE = "net.inet.ip.portrange"
SETTINGS = ("sysctl", "kern.osrelease", f"{RANGE}.first", f"{RANGE}.last")

_INTERFACE = re.compile(r"([^\s:]+): flags=")
_V4 = re.compile(r"\s+inet ([0-9.]+)(?: --> [0-9.]+)? netmask 0x([0-9a-f]{8})\b.*")
_V6 = re.compile(r"\s+inet6 ([0-9a-f:.]+)(?:%\S+)?(?: --> \S+)? prefixlen ([0-9]{1,3})\b(.*)")
_UNUSABLE = ("tentative", "duplicated", "detached")


def probe(host: Host, request: Request, evidence: Evidence, blind: t.List[Blind]) -> t.Dict[str, Kernel]:
    """Raises Unseen where the addresses cannot be read."""
    answer = host.run("ifconfig", "-a")
    if answer.rc or not answer.out.strip():
        raise Unseen(f"ifconfig: {visible(' '.join(answer.err.split())) or 'nothing was printed'}")
    addresses = tuple(parse_ifconfig(answer.out))
    told = parse_settings(host.run(*SETTINGS).out)
    return {
        "kernel": Kernel(
            release=told.get("kern.osrelease", ""),
            port_range=_port_range(told, blind),
            ipv6=any(":" in one.ip for one in addresses),
            addresses=addresses,
        )
    }


def _port_range(told: t.Mapping[str, str], blind: t.List[Blind]) -> t.Tuple[int, ...]:
    """What sockets that do not choose a port are given; the kernel takes the two in either order."""
    ends = [told.get(f"{RANGE}.{name}", "") for name in ("first", "last")]
    if all(re.fullmatch("[0-9]{1,5}", end) for end in ends):
        first, last = sorted(int(end) for end in ends)
        if 1 <= first <= last <= MAX_PORT:
            return first, last
    why = f"sysctl does not tell {RANGE}"
    blind.append(Blind("kernel", why, part="the ports that connections are given"))
    return ()


def parse_settings(text: str) -> t.Dict[str, str]:
    """`net.inet.ip.portrange.first: 49152`, `ProductVersion:\\t\\t14.5`."""
    pairs = (line.partition(":") for line in text.splitlines())
    return {name.strip(): visible(value.strip()) for name, colon, value in pairs if colon}


def parse_ifconfig(text: str) -> t.Iterator[Address]:
    """The addresses that a program may bind now, without those that are still being looked for on the network."""
    interface = ""
    for line in text.split("\n"):
        start = _INTERFACE.match(line)
        if start:
            interface = visible(start[1])
        else:
            found = _address(line)
            if found:
                yield Address(found[0], found[1], interface)


def _address(line: str) -> t.Optional[t.Tuple[str, int]]:
    v4, v6 = _V4.fullmatch(line), _V6.fullmatch(line)
    try:
        if v4:
            return str(ipaddress.IPv4Address(v4[1])), bin(int(v4[2], 16)).count("1")
        if v6 and not set(_UNUSABLE) & set(v6[3].split()):
            return str(ipaddress.IPv6Address(v6[1])), int(v6[2])
    except ValueError:
        return None
    return None
