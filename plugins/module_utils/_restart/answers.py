# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Whether a published port answers, seen from the host itself."""

from __future__ import annotations

import ipaddress
import re
import socket
import typing as t
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.dockmaster.ports.plugins.module_utils._collect import collect
from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import ANY_V4, ANY_V6, Binding
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request

CONNECT = 2.0  # seconds
LISTEN = 0.3  # seconds in which somebody who has nothing behind him hangs up
_AT_ONCE = 32
_CONTAINERS = re.compile(r"docker|br-|veth")  # interfaces


class Door(t.NamedTuple):
    """An address and a port of this host at which a published TCP port can be knocked."""

    ip: str
    port: int

    def __str__(self) -> str:
        return f"[{self.ip}]:{self.port}" if ":" in self.ip else f"{self.ip}:{self.port}"


def doors(bindings: t.Iterable[Binding], addresses: t.Sequence[str]) -> t.Tuple[Door, ...]:
    """Where to knock: a concrete address itself; for all of them, loopback and the host's own. UDP tells nothing."""
    found: t.Set[Door] = set()
    for one in bindings:
        if one.protocol != "tcp":
            continue
        ips = [one.ip] if one.ip not in (ANY_V4, ANY_V6) else _of_family(one.ip, addresses)
        found.update(Door(ip, port) for ip in ips for port in one.ports())
    return tuple(sorted(found))


def _of_family(any_ip: str, addresses: t.Sequence[str]) -> t.List[str]:
    version = ipaddress.ip_address(any_ip).version
    loopback = "127.0.0.1" if version == 4 else "::1"
    return [loopback] + [ip for ip in addresses if ipaddress.ip_address(ip).version == version]


def own_addresses(host: Host) -> t.List[str]:
    """The host's first address of each family that is not a container network's."""
    kernel = collect(host, Request(sections=("kernel",))).kernel
    found: t.Dict[int, str] = {}
    for address in kernel.addresses if kernel else ():
        ip = ipaddress.ip_address(address.ip)
        if not (ip.is_loopback or ip.is_link_local or _CONTAINERS.match(address.interface)):
            found.setdefault(ip.version, address.ip)
    return list(found.values())


def answering(all_doors: t.Sequence[Door], knock: t.Callable[[Door], bool]) -> t.FrozenSet[Door]:
    if not all_doors:
        return frozenset()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return frozenset(door for door, open_ in zip(all_doors, pool.map(knock, all_doors)) if open_)


def knocked(door: Door) -> bool:
    """Whether somebody is there. docker-proxy accepts for a container that is not, and hangs up at once."""
    try:
        sock = socket.create_connection((door.ip, door.port), CONNECT)
    except OSError:
        return False
    with sock:
        sock.settimeout(LISTEN)
        try:
            return bool(sock.recv(1))
        except socket.timeout:
            return True  # it waits for us to speak
        except OSError:
            return False
