# SPDX-License-Identifier: GPL-3.0-or-later
"""Netlink messages as the kernel writes them, and hypothesis strategies that make them."""

from __future__ import annotations

import socket
import struct

from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._probes.inet_diag import STATES

V4, V6 = 2, 10


def message(kind, body, flags=2):
    """A message, padded as messages in a datagram are."""
    length = 16 + len(body)
    return struct.pack("=IHHII", length, kind, flags, 1, 4711) + body + bytes(-length % 4)


def attribute(kind, value):
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def diag(
    family, ip, port, state=10, peer="", peer_port=0, uid=0, inode=0, interface=0, v6only=None, others=(), kind=20
):
    """struct inet_diag_msg and its attributes. v6only: None where the kernel does not tell."""
    raw = [
        socket.inet_pton({V4: socket.AF_INET, V6: socket.AF_INET6}[family], one) for one in (ip, peer or zero(family))
    ]
    body = struct.pack("=BBBB", family, state, 0, 0) + struct.pack("!HH", port, peer_port)
    body += b"".join(one.ljust(16, b"\0") for one in raw)
    body += struct.pack("=I8sIIIII", interface, b"\xff" * 8, 7, 8, 9, uid, inode)
    told = [*others] + ([(11, bytes([v6only]))] if v6only is not None else [])
    return message(kind, body + b"".join(attribute(*one) for one in told))


def zero(family):
    return "0.0.0.0" if family == V4 else "::"


ports = st.integers(0, 65535)
numbers = st.integers(0, 2**32 - 1)
other_attributes = st.lists(st.tuples(st.sampled_from([8, 15, 21, 22]), st.binary(max_size=9)), max_size=4)


@st.composite
def sockets(draw):
    """The arguments of `diag` for any socket that the kernel may tell of."""
    family = draw(st.sampled_from([V4, V6]))
    addresses = st.ip_addresses(v=4 if family == V4 else 6).map(str)
    state = draw(st.sampled_from(sorted(STATES)))
    connected = state not in (7, 10)
    return {
        "family": family,
        "ip": draw(addresses),
        "port": draw(ports),
        "state": state,
        "peer": draw(addresses) if connected else "",
        "peer_port": draw(st.integers(1, 65535)) if connected else 0,
        "uid": draw(numbers),
        "inode": draw(numbers),
        "interface": draw(st.integers(0, 99)),
        "v6only": draw(st.booleans()) if family == V6 and not connected else None,
        "others": draw(other_attributes),
        "kind": draw(st.sampled_from([18, 20])),
    }


def in_datagrams(draw, all_messages):
    """The messages cut into datagrams anywhere between two of them."""
    cuts = sorted(draw(st.lists(st.integers(0, len(all_messages)), max_size=3)))
    edges = [0, *cuts, len(all_messages)]
    return [b"".join(all_messages[a:b]) for a, b in zip(edges, edges[1:])]
