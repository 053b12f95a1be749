# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets, as /proc/net tells them."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._probes import inet_diag, proc_net
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.inet_diag import CONNECTIONS, LISTEN, UDP, Row

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"

TCP = (
    HEAD
    + """\
   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1268300 1 00000000e7c45f4b 100 0 0 10 0
   1: 3500007F:0035 00000000:0000 0A 00000000:00000000 00:00000000 00000000   997        0 1266674 1 0000000000000000 100 0 0 10 5
   2: 0100007F:9C40 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 77001 1 0000000000000000 20 4 30 10 -1
   3: 0100007F:1F91 0100007F:9C42 06 00000000:00000000 03:00001770 00000000     0        0 0 3 0000000000000000
"""
)
ZERO = "0" * 32
TCP6 = (
    HEAD
    + f"""\
   0: {ZERO}:1F90 {ZERO}:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1308587 1 0000000000000000 100 0 0 10 0
   1: 0000000000000000FFFF00000100007F:1F9D {ZERO}:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1309799 1 0000000000000000 100 0 0 10 0
"""
)
SCTP = """\
 ENDPT     SOCK   STY SST HBKT LPORT   UID INODE LADDRS
ffff888003a1c000 ffff888004e3a000 2   10  29   11111  1000 51234 0.0.0.0 
ffff888003a1c800 ffff888004e3b000 1   7   13   2905      0 51300 10.0.0.5 2001:0db8:0000:0000:0000:0000:0000:0001 
"""  # noqa: W291  the kernel ends each address with a space


def row(ip, port, state, uid, inode, peer=("", 0), protocol="tcp"):
    return Row(ip, protocol, port, state, None, uid, inode, 0, peer)


@pytest.mark.parametrize(
    "text, states, ports, expected",
    [
        (TCP, LISTEN, (), [row("0.0.0.0", 22, "listen", 0, 1268300), row("127.0.0.53", 53, "listen", 997, 1266674)]),
        (TCP6, LISTEN, (), [row("::", 8080, "listen", 0, 1308587), row("127.0.0.1", 8093, "listen", 0, 1309799)]),
        (
            TCP,
            CONNECTIONS,
            [(40000, 40000)],
            [row("127.0.0.1", 40000, "established", 1000, 77001, ("127.0.0.1", 8080))],
        ),
        (TCP, CONNECTIONS, [(1, 9), (8081, 8081)], [row("127.0.0.1", 8081, "time_wait", 0, 0, ("127.0.0.1", 40002))]),
        (TCP, CONNECTIONS, [(22, 22)], []),
        (HEAD, LISTEN, (), []),
        ("", LISTEN, (), []),
    ],
)
def test_parse_table(text, states, ports, expected):
    assert list(proc_net.parse_table(text, "tcp", states, ports, "<")) == expected


def line(number, one):
    """As tcp4_seq_show and tcp6_seq_show print it."""
    ip, peer = (words(one[key], one["order"]) for key in ("ip", "peer"))
    return (
        f"{number:4d}: {ip}:{one['port']:04X} {peer}:{one['peer_port']:04X} {one['state']:02X} 00000000:00000000 "
        f"00:00000000 00000000 {one['uid']:5d}        0 {one['inode']} 1 0000000000000000 100 0 0 10 0\n"
    )


def words(ip, order):
    raw = ip.packed
    return "".join(f"{word:08X}" for word in struct.unpack(f"{order}{len(raw) // 4}I", raw))


@st.composite
def lines(draw, order):
    version = draw(st.sampled_from([4, 6]))
    addresses = st.ip_addresses(v=version)
    return {
        "order": order,
        "ip": draw(addresses),
        "peer": draw(addresses),
        "port": draw(st.integers(0, 65535)),
        "peer_port": draw(st.integers(0, 65535)),
        "state": draw(st.sampled_from(sorted(inet_diag.STATES))),
        "uid": draw(st.integers(0, 2**32 - 1)),
        "inode": draw(st.integers(0, 2**32 - 1)),
    }


def text_of(ip):
    return str(getattr(ip, "ipv4_mapped", None) or ip)


@given(st.data(), st.sampled_from("<>"), st.sampled_from([LISTEN, UDP, CONNECTIONS]))
def test_what_the_kernel_prints_comes_back_exactly(data, order, states):
    told = data.draw(st.lists(lines(order), max_size=5))

    found = list(proc_net.parse_table(HEAD + "".join(map(line, range(9), told)), "udp", states, byteorder=order))

    assert found == [
        row(
            text_of(one["ip"]),
            one["port"],
            inet_diag.STATES[one["state"]],
            one["uid"],
            one["inode"],
            (text_of(one["peer"]), one["peer_port"]) if one["peer_port"] else ("", 0),
            "udp",
        )
        for one in told
        if states >> one["state"] & 1
    ]


def test_parse_sctp():
    assert list(proc_net.parse_sctp(SCTP)) == [
        row("0.0.0.0", 11111, "listen", 1000, 51234, protocol="sctp"),
        row("10.0.0.5", 2905, "bound", 0, 51300, protocol="sctp"),
        row("2001:db8::1", 2905, "bound", 0, 51300, protocol="sctp"),
    ]


@pytest.mark.parametrize("text", ["head\nno table at all", "head\n   0: 0100007F:0016 00000000:0000 0A"])
def test_a_line_that_is_none_is_an_error(text):
    with pytest.raises((ValueError, IndexError)):
        list(proc_net.parse_table(text, "tcp", LISTEN))
