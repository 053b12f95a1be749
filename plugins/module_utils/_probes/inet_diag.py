# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The kernel's sockets, as NETLINK_SOCK_DIAG tells them. Packing and parsing; nothing is sent from here.

The kernel filters by state, and by port where a program says so: what is not asked for costs next to nothing.
Source: sock_diag(7); Linux, include/uapi/linux/inet_diag.h, net/ipv4/inet_diag.c (v6.18).
"""

from __future__ import annotations

import functools
import socket
import struct
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._probes.netlink import (
    attribute,
    attributes,
    dump_request,
    start,
)

PROTOCOL = 4  # NETLINK_SOCK_DIAG
AF_INET, AF_INET6 = 2, 10  # Linux's numbers, wherever a recording is read

STATES = {
    1: "established",
    2: "syn_sent",
    3: "syn_recv",
    4: "fin_wait1",
    5: "fin_wait2",
    6: "time_wait",
    7: "bound",  # TCP_CLOSE: a TCP socket that is only bound, a UDP socket that is not connected
    8: "close_wait",
    9: "last_ack",
    10: "listen",
    11: "closing",
    12: "syn_recv",  # TCP_NEW_SYN_RECV
}
LISTEN = 1 << 10
BOUND = 1 << 13  # TCP_BOUND_INACTIVE, Linux 6.8+: asked for by this bit, told as TCP_CLOSE. Older kernels ignore it
UDP = 1 << 7 | 1 << 1  # not connected, and connected: both keep the port
CONNECTIONS = sum(1 << state for state in (1, 2, 3, 4, 5, 6, 8, 9, 11))

_TCPDIAG_GETSOCK, _SOCK_DIAG_BY_FAMILY = 18, 20
_IPPROTO_UDP = 17
_REQ_BYTECODE = 1
_SKV6ONLY = 11
_S_GE, _S_LE, _JMP = 2, 3, 1
_ADDRESSES = bytes(48)  # struct inet_diag_sockid: no address or port asked for
_KINDS = (_SOCK_DIAG_BY_FAMILY, _TCPDIAG_GETSOCK)
# struct nlmsghdr and struct inet_diag_msg: family, state, ports, addresses, interface, uid, inode
_RECORD = struct.Struct("=16xBB2xHH16s16sI20xII")


class Row(t.NamedTuple):
    """A socket as the kernel told it.

    v6only: None where it is not told; netlink tells it of IPv6 sockets that are not connected.
    interface: index of the one that it is bound to, 0 for any. peer: address and port, ("", 0) for none.
    """

    ip: str
    protocol: str
    port: int
    state: str
    v6only: t.Optional[bool]
    uid: int
    inode: int
    interface: int
    peer: t.Tuple[str, int]


def tcp(states: int, ports: t.Sequence[t.Tuple[int, int]] = ()) -> bytes:
    """A request for the TCP sockets of both families: their tables are walked once, not once a family.

    states: bits to the power of the kernel's numbers. ports: ranges of the local port; none for every port.
    """
    return dump_request(
        _TCPDIAG_GETSOCK,
        struct.pack("=BBBB48sII", AF_INET, 0, 0, 0, _ADDRESSES, states, 0) + _filter(ports),
    )


def udp(family: int, states: int = UDP, ports: t.Sequence[t.Tuple[int, int]] = ()) -> bytes:
    """A request for the UDP sockets of one family. states, ports: as `tcp`."""
    return dump_request(
        _SOCK_DIAG_BY_FAMILY,
        struct.pack("=BBBxI48s", family, _IPPROTO_UDP, 0, states, _ADDRESSES) + _filter(ports),
    )


def _filter(ports: t.Sequence[t.Tuple[int, int]]) -> bytes:
    return attribute(_REQ_BYTECODE, bytecode(ports)) if ports else b""


def bytecode(ports: t.Sequence[t.Tuple[int, int]]) -> bytes:
    """A program for the kernel: the local port lies in one of the ranges.

    An operation is (code, jump if true, jump if not), jumps in bytes; a port is the last field of an operation of its
    own. Each range: at least first, else to the next range; at most last, else to the next range; jump to the end.
    To end exactly at the program's end accepts, to jump past it rejects.
    """
    size = 20 * len(ports) - 4  # the last range needs no jump to the end
    code = b""
    for first, last in ports:
        here, final = len(code), len(code) + 20 > size
        following = 20 if not final else size - here + 4
        code += struct.pack("=BBHBBH", _S_GE, 8, following, 0, 0, first)
        code += struct.pack("=BBHBBH", _S_LE, 8, following - 8, 0, 0, last)
        if not final:
            code += struct.pack("=BBH", _JMP, 4, size - len(code))
    return code


def rows(datagrams: t.Iterable[bytes], protocol: str) -> t.Iterator[Row]:
    """The sockets of an answer. Raises ValueError for a datagram that is cut short."""
    for datagram in datagrams:
        offset, end = 0, len(datagram)
        while offset < end:
            length, kind = start(datagram, offset)
            if kind in _KINDS:
                yield _row(datagram, offset, length, protocol)
            offset += (length + 3) & ~3


def _row(datagram: bytes, offset: int, length: int, protocol: str) -> Row:
    if length < _RECORD.size:
        raise ValueError(f"netlink: a socket in {length} bytes at byte {offset} of {len(datagram)}")
    family, state, port, peer, ip, peer_ip, interface, uid, inode = _RECORD.unpack_from(datagram, offset)
    return Row(
        address(family, ip),
        protocol,
        socket.ntohs(port),
        STATES.get(state, str(state)),
        _v6only(datagram, offset + _RECORD.size, offset + length) if family == AF_INET6 else None,
        uid,
        inode,
        interface,
        (address(family, peer_ip), socket.ntohs(peer)) if peer else ("", 0),
    )


def _v6only(datagram: bytes, offset: int, end: int) -> t.Optional[bool]:
    for kind, value in attributes(datagram, offset, end):
        if kind == _SKV6ONLY:
            return value != b"\0"
    return None


@functools.lru_cache(maxsize=8192)
def address(family: int, raw: bytes) -> str:
    """The one text for an address; an IPv4-mapped one as IPv4."""
    if family == AF_INET:
        return socket.inet_ntop(socket.AF_INET, raw[:4])
    text = socket.inet_ntop(socket.AF_INET6, raw)
    if "." not in text:
        return text
    # an IPv4-mapped address, or one of few that C writes in another way. Imported here: few hosts have any
    from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import canonical

    return canonical(text)
