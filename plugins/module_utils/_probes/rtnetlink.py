# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Interfaces and addresses of a network namespace, as NETLINK_ROUTE tells them.

Not from /sys/class/net: what is mounted there may show another namespace than the one that this runs in.
Source: rtnetlink(7); Linux, include/uapi/linux/if_link.h, if_addr.h.
"""

from __future__ import annotations

import functools
import socket
import struct
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import canonical
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Address
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.inet_diag import AF_INET, AF_INET6
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.netlink import (
    attributes,
    dump_request,
    messages,
)

PROTOCOL = 0  # NETLINK_ROUTE
_NEWLINK, _GETLINK, _NEWADDR, _GETADDR = 16, 18, 20, 22
LINKS = dump_request(_GETLINK, bytes(16))  # struct ifinfomsg
ADDRESSES = dump_request(_GETADDR, bytes(8))  # struct ifaddrmsg
_IFLA_IFNAME, _IFLA_LINKINFO, _IFLA_INFO_KIND = 3, 18, 1
_IFA_ADDRESS, _IFA_LOCAL = 1, 2
_TENTATIVE, _OPTIMISTIC = 0x40, 0x04
_SIZES = {AF_INET: 4, AF_INET6: 16}


class Link(t.NamedTuple):
    """An interface. kind: bridge, veth, ...; empty for hardware."""

    number: int
    name: str
    kind: str


def links_of(host: Host) -> t.Tuple[Link, ...]:
    """Raises Unseen."""
    return _parsed(host, LINKS, parse_links)


def addresses_of(host: Host, names: t.Mapping[int, str]) -> t.Tuple[Address, ...]:
    """names: of interfaces by index. Raises Unseen."""
    return _parsed(host, ADDRESSES, functools.partial(parse_addresses, names=names))


_T = t.TypeVar("_T")


def _parsed(host: Host, request: bytes, parse: t.Callable[[t.List[bytes]], t.Iterator[_T]]) -> t.Tuple[_T, ...]:
    try:
        return tuple(parse(host.netlink(PROTOCOL, request)))
    except ValueError as exc:
        raise Unseen(str(exc)) from exc


def parse_links(datagrams: t.Iterable[bytes]) -> t.Iterator[Link]:
    for message, body in messages(datagrams):
        if message == _NEWLINK and len(body) >= 16:
            number = struct.unpack_from("=i", body, 4)[0]
            told = dict(attributes(body, 16))
            info = dict(attributes(told.get(_IFLA_LINKINFO, b""), 0))
            yield Link(number, _text(told.get(_IFLA_IFNAME, b"")), _text(info.get(_IFLA_INFO_KIND, b"")))


def parse_addresses(datagrams: t.Iterable[bytes], names: t.Mapping[int, str]) -> t.Iterator[Address]:
    """The addresses that can be bound: one whose uniqueness is not settled yet (RFC 4862), or is refuted, cannot."""
    for message, body in messages(datagrams):
        if message != _NEWADDR or len(body) < 8:
            continue
        family, prefix, flags, _scope, index = struct.unpack_from("=BBBBI", body)
        told = dict(attributes(body, 8))
        raw = told.get(_IFA_LOCAL, told.get(_IFA_ADDRESS, b""))  # on a point-to-point link ADDRESS is the peer's
        usable = not flags & _TENTATIVE or flags & _OPTIMISTIC
        if usable and len(raw) == _SIZES.get(family):
            ip = canonical(socket.inet_ntop(socket.AF_INET if family == AF_INET else socket.AF_INET6, raw))
            yield Address(ip, prefix, names.get(index, ""))


def _text(raw: bytes) -> str:
    """A name may hold any byte but "/", white space and NUL."""
    return raw.rstrip(b"\0").decode("utf-8", "backslashreplace")
