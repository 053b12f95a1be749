# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The kernel's sockets, as /proc/net tells them: where netlink is refused, and for SCTP.

It tells neither v6only nor TCP sockets that are bound and do not listen, and every connection has a line.
Source: Linux, Documentation/networking/proc_net_tcp.rst, net/ipv6/tcp_ipv6.c, net/sctp/proc.c.
"""

from __future__ import annotations

import struct
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import canonical
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.inet_diag import (
    AF_INET,
    AF_INET6,
    STATES,
    Row,
    address,
)

TABLES = {"tcp": ("tcp", "tcp6"), "udp": ("udp", "udp6")}


def parse_table(
    text: str, protocol: str, states: int, ports: t.Sequence[t.Tuple[int, int]] = (), byteorder: str = "="
) -> t.Iterator[Row]:
    """The rows of /proc/net/tcp, tcp6, udp or udp6 in one of the states (bits), with one of the local ports.

    byteorder: of the machine that printed it, as in `struct`: an address is printed as words of 32 bits in that order.
    Raises ValueError or IndexError for a line that is none.
    """
    for line in text.splitlines()[1:]:
        fields = line.split()
        state = int(fields[3], 16)
        if not states >> state & 1:
            continue
        ip, port = _endpoint(fields[1], byteorder)
        if ports and not any(first <= port <= last for first, last in ports):
            continue
        peer = _endpoint(fields[2], byteorder)
        name = STATES.get(state, str(state))
        yield Row(ip, protocol, port, name, None, int(fields[7]), int(fields[9]), 0, peer if peer[1] else ("", 0))


def _endpoint(text: str, byteorder: str) -> t.Tuple[str, int]:
    words, _colon, port = text.partition(":")
    raw = b"".join(struct.pack(byteorder + "I", int(words[i : i + 8], 16)) for i in range(0, len(words), 8))
    return address(AF_INET if len(raw) == 4 else AF_INET6, raw), int(port, 16)


def parse_sctp(text: str) -> t.Iterator[Row]:
    """The rows of /proc/net/sctp/eps, one an address of an endpoint. Raises ValueError or IndexError as above.

    ` ENDPT     SOCK   STY SST HBKT LPORT   UID INODE LADDRS`: type, state, bucket, port; addresses to the line's end.
    """
    for line in text.splitlines()[1:]:
        fields = line.split()
        state, port, uid, inode = int(fields[3]), int(fields[5]), int(fields[6]), int(fields[7])
        for ip in fields[8:]:
            yield Row(canonical(ip), "sctp", port, STATES.get(state, str(state)), None, uid, inode, 0, ("", 0))
