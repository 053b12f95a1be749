# SPDX-License-Identifier: GPL-3.0-or-later
"""What lsof prints for programs: from a Mac, from a grammar, and mangled."""

from __future__ import annotations

import contextlib
import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.macos.lsof import Entry, entries, readable
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.macos.macos_words import text


def test_a_mac():
    found = [(one.pid, one.command, one.ip, one.protocol, one.port, one.state) for one in entries(text("lsof"))]

    assert found == [
        (1, "launchd", "::", "tcp", 22, "listen"),
        (1, "launchd", "0.0.0.0", "tcp", 22, "listen"),
        (391, "mDNSResponder", "0.0.0.0", "udp", 5353, "bound"),
        (391, "mDNSResponder", "::", "udp", 5353, "bound"),
        (612, "ControlCenter", "0.0.0.0", "tcp", 7000, "listen"),
        (612, "ControlCenter", "::", "tcp", 7000, "listen"),
        (612, "ControlCenter", "0.0.0.0", "tcp", 5000, "listen"),
        (612, "ControlCenter", "::", "tcp", 5000, "listen"),
        (618, "rapportd", "0.0.0.0", "tcp", 49158, "listen"),
        (702, "mysqld", "127.0.0.1", "tcp", 3306, "listen"),
        (1404, "com.docker.backe", "::", "tcp", 8080, "listen"),
        (1404, "com.docker.backe", "127.0.0.1", "tcp", 55021, "established"),
        (1404, "com.docker.backe", "::", "tcp", 2375, "listen"),
        (1777, "Google Chrome He", "192.168.1.23", "tcp", 49810, "established"),
        (1777, "Google Chrome He", "2001:db8::23", "udp", 58112, "established"),
        (2201, "Python", "127.0.0.1", "tcp", 3000, "listen"),
        (2201, "Python", "127.0.0.1", "tcp", 3001, "bound"),
        (2201, "Python", "fe80::1c2d:3e4f:5a6b:7c8d", "tcp", 3002, "listen"),
        (2202, "Python", "127.0.0.1", "tcp", 3000, "listen"),
    ]


def one_file(**fields):
    """What lsof prints of a process with one socket; a field that is None is not printed."""
    usual = {"p": "7", "R": "1", "c": "app", "u": "501", "f": "3", "t": "IPv4", "d": "0x1", "P": "TCP", "n": "*:80"}
    wanted = {**usual, "T": "ST=LISTEN", **fields}
    return "".join(f"{name}{value}\n" for name, value in wanted.items() if value is not None)


FILES = [
    # fields                                                     ip           port  state          peer
    ({}, ("0.0.0.0", 80, "listen", ("", 0))),
    ({"t": "IPv6"}, ("::", 80, "listen", ("", 0))),
    ({"t": "IPv6", "n": "[::1]:80"}, ("::1", 80, "listen", ("", 0))),
    ({"t": "IPv6", "n": "[::ffff:10.0.0.5]:80"}, ("10.0.0.5", 80, "listen", ("", 0))),
    ({"t": "IPv6", "n": "[fe80::1%lo0]:80"}, ("fe80::1", 80, "listen", ("", 0))),
    ({"T": None}, ("0.0.0.0", 80, "listen", ("", 0))),
    ({"T": None, "n": "10.0.0.5:80->10.0.0.9:4000"}, ("10.0.0.5", 80, "established", ("10.0.0.9", 4000))),
    ({"T": "ST=SYN_RCDV", "n": "10.0.0.5:80->10.0.0.9:1"}, ("10.0.0.5", 80, "syn_recv", ("10.0.0.9", 1))),
    ({"T": "ST=FIN_WAIT_2", "n": "10.0.0.5:80->10.0.0.9:1"}, ("10.0.0.5", 80, "fin_wait2", ("10.0.0.9", 1))),
    ({"P": "UDP", "T": None}, ("0.0.0.0", 80, "bound", ("", 0))),
]


@pytest.mark.parametrize("fields, expected", FILES)
def test_a_file(fields, expected):
    found = [(one.ip, one.port, one.state, one.peer) for one in entries(one_file(**fields))]

    assert found == [expected]


@pytest.mark.parametrize(
    "fields", [{"n": "*:*"}, {"P": "ICMP"}, {"n": None}, {"n": "no PCB, CANTRCVMORE"}, {"P": None}]
)
def test_what_has_no_port_is_left_out(fields):
    assert list(entries(one_file(**fields))) == []


@pytest.mark.parametrize(
    "fields, quoted",
    [
        ({"n": "localhost:http"}, "'nlocalhost:http'"),
        ({"n": "10.0.0.999:80"}, "'tIPv4 n10.0.0.999:80'"),
        ({"n": "*:80", "t": "unix"}, "'tunix n*:80'"),
        ({"n": "*:70000"}, "'n*:70000'"),
        ({"p": "x"}, "'px'"),
    ],
)
def test_what_is_no_socket_is_not_taken_for_one(fields, quoted):
    with pytest.raises(Unseen) as caught:
        list(entries(one_file(**fields)))

    assert caught.value.why == f"lsof printed what is no socket: {quoted}"


@pytest.mark.parametrize(
    "printed, name",
    [
        ("Google\\x20Chrome", "Google Chrome"),
        ("caf\\xc3\\xa9", "caf\u00e9"),
        ("odd\\xff", "odd\\xff"),
        ("back\\slash", "back\\slash"),
        ("bell^G\\x07", "bell^G\\x07"),
    ],
)
def test_readable(printed, name):
    assert readable(printed) == name


# A grammar of what lsof prints
v4 = st.ip_addresses(v=4).map(str)
v6 = st.ip_addresses(v=6).filter(lambda ip: ip.ipv4_mapped is None and not ip.is_link_local).map(str)
ports = st.integers(1, 65535)
names = st.text(st.sampled_from("abzAZ09._-[] "), min_size=1, max_size=16)
states = st.sampled_from(["listen", "bound", "established", "close_wait", "time_wait", "last_ack"])


@st.composite
def sockets(draw):
    """A family and a socket of it."""
    family = draw(st.sampled_from(["IPv4", "IPv6"]))
    addresses = v4 if family == "IPv4" else v6
    protocol = draw(st.sampled_from(["tcp", "udp"]))
    peer = (draw(addresses), draw(ports)) if draw(st.booleans()) else ("", 0)
    state = ("established" if peer[1] else "bound") if protocol == "udp" else draw(states)
    device = draw(st.from_regex(r"0x[0-9a-f]{1,16}|[0-9]{1,9}", fullmatch=True))
    entry = Entry(1, 1, "", None, device, draw(addresses), protocol, draw(ports), state, peer)
    return family, entry


@st.composite
def processes(draw):
    number = st.integers(1, 99999)
    pid, parent, uid = draw(number), draw(number), draw(st.none() | st.integers(0, 2**32 - 1))
    command = draw(names)
    files = draw(st.lists(sockets(), max_size=4))
    return [(f, one._replace(pid=pid, parent=parent, uid=uid, command=command)) for f, one in files]


def printed(family, one):
    def end(ip, port):
        if int(ipaddress.ip_address(ip)) == 0:
            ip = "*"
        return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"

    lines = [f"f{one.port}", f"t{family}", f"d{one.device}", f"P{one.protocol.upper()}"]
    lines.append("n" + end(one.ip, one.port) + (f"->{end(*one.peer)}" if one.peer[1] else ""))
    if one.protocol == "tcp":
        lines += ["TST=" + {"bound": "CLOSED"}.get(one.state, one.state.upper()), "TQR=0", "TQS=0"]
    return lines


@given(st.lists(processes(), max_size=4))
def test_what_is_printed_is_read_back(some):
    lines = []
    for files in some:
        for i, (family, one) in enumerate(files):
            if i == 0:
                lines += [f"p{one.pid}", f"R{one.parent}", "c" + one.command.replace(" ", "\\x20")]
                lines += [f"u{one.uid}"] if one.uid is not None else []
            lines += printed(family, one)

    assert list(entries("\n".join(lines))) == [one for files in some for _family, one in files]


@given(st.text(st.sampled_from("pRcufdtPnT0159*:[]->.=\nIPv46TCUDLSEabx%\udcff\u0661"), max_size=80))
def test_no_text_is_a_crash(text):
    try:
        for one in entries(text):
            assert 1 <= one.port <= 65535
    except Unseen:
        pass


@given(st.data())
def test_no_recording_that_lost_some_bytes_is_a_crash(data):
    whole = text("lsof")
    start = data.draw(st.integers(0, len(whole)))
    cut = whole[:start] + whole[start + data.draw(st.integers(0, 40)) :]
    with contextlib.suppress(Unseen):
        list(entries(cut))
