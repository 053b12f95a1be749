# SPDX-License-Identifier: GPL-3.0-or-later
"""What NETLINK_SOCK_DIAG is asked, and what it answers."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._probes import inet_diag
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.inet_diag import STATES, Row
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.netlink_words import (
    V4,
    V6,
    diag,
    in_datagrams,
    message,
    sockets,
)


def text_of(ip):
    """The address as the collection writes it, found in another way than by the code under test."""
    address = ipaddress.ip_address(ip)
    return str(getattr(address, "ipv4_mapped", None) or address)


def row_of(one, protocol):
    peer = (text_of(one["peer"]), one["peer_port"]) if one["peer_port"] else ("", 0)
    return Row(
        text_of(one["ip"]),
        protocol,
        one["port"],
        STATES[one["state"]],
        one["v6only"],
        one["uid"],
        one["inode"],
        one["interface"],
        peer,
    )


@given(st.data(), st.lists(sockets(), max_size=8), st.sampled_from(["tcp", "udp"]))
def test_what_the_kernel_writes_comes_back_exactly(data, told, protocol):
    datagrams = in_datagrams(data.draw, [diag(**one) for one in told])

    assert list(inet_diag.rows(datagrams, protocol)) == [row_of(one, protocol) for one in told]


@pytest.mark.parametrize(
    "family, ip, text",
    [
        (V4, "0.0.0.0", "0.0.0.0"),
        (V6, "::", "::"),
        (V6, "::ffff:0.0.0.0", "0.0.0.0"),
        (V6, "::ffff:127.0.0.1", "127.0.0.1"),
        (V6, "::1.2.3.4", "::102:304"),
        (V6, "FE80:0:0:0:0:0:0:1", "fe80::1"),
    ],
)
def test_an_address_has_one_text(family, ip, text):
    assert [row.ip for row in inet_diag.rows([diag(family, ip, 80)], "tcp")] == [text]


def test_messages_of_other_kinds_are_passed_over():
    noop, done = message(1, b""), message(3, struct.pack("=i", 0))

    found = list(inet_diag.rows([noop + diag(V4, "127.0.0.1", 80) + done], "tcp"))

    assert [row.port for row in found] == [80]


def test_a_state_of_a_later_kernel_keeps_its_number():
    assert [row.state for row in inet_diag.rows([diag(V4, "127.0.0.1", 80, state=14)], "tcp")] == ["14"]


@pytest.mark.parametrize(
    "datagram, reason",
    [
        (diag(V4, "127.0.0.1", 80)[:-1], "netlink: a message of 88 bytes at byte 0 of 87"),
        (message(20, bytes(40)), "netlink: a socket in 56 bytes at byte 0 of 56"),
    ],
)
def test_a_record_that_is_cut_short_is_an_error(datagram, reason):
    with pytest.raises(ValueError, match=f"^{reason}$"):
        list(inet_diag.rows([datagram], "tcp"))


kinds = st.sampled_from([0, 1, 3, 18, 20])
bodies = st.tuples(kinds, st.binary(max_size=120)).map(lambda pair: message(*pair))


@given(st.lists(st.one_of(st.binary(max_size=120), bodies), max_size=3), st.sampled_from(["tcp", "udp"]))
def test_nonsense_is_an_error_and_never_anything_else(datagrams, protocol):
    with contextlib.suppress(ValueError):
        list(inet_diag.rows(datagrams, protocol))


class Kernel:
    """net/ipv4/inet_diag.c of Linux 6.18: inet_diag_bc_audit and inet_diag_bc_run."""

    S_GE, S_LE, JMP = 2, 3, 1

    def __init__(self, code):
        self.code = code

    def audit(self):
        """Whether the kernel takes the program at all."""
        here, left = 0, len(self.code)
        while left > 0:
            code, yes, no = struct.unpack_from("=BBH", self.code, here)
            least = 8 if code in (self.S_GE, self.S_LE) else 4
            if left < least or no < least or no > left + 4 or no % 4 or not (no >= left or self._starts_at(left - no)):
                return False
            if yes < least or yes > left + 4 or yes % 4:
                return False
            here, left = here + yes, left - yes
        return left == 0

    def _starts_at(self, wanted):
        here, left = 0, len(self.code)
        while left > 0:
            if left < wanted:
                return False
            if left == wanted:
                return True
            yes = self.code[here + 1]
            here, left = here + yes, left - yes
        return False

    def accepts(self, port):
        here, left = 0, len(self.code)
        while left > 0:
            code, yes, no = struct.unpack_from("=BBH", self.code, here)
            asked = struct.unpack_from("=H", self.code, here + 6)[0] if code != self.JMP else 0
            jump = yes if (code == self.S_GE and port >= asked) or (code == self.S_LE and port <= asked) else no
            here, left = here + jump, left - jump
        return left == 0


pairs = st.tuples(st.integers(0, 65535), st.integers(0, 65535)).map(lambda pair: tuple(sorted(pair)))


@given(st.lists(pairs, min_size=1, max_size=64), st.integers(0, 65535))
def test_the_kernel_accepts_the_ports_of_every_range_and_no_other(ranges, port):
    kernel = Kernel(inet_diag.bytecode(ranges))

    assert kernel.audit()
    near = {port, *(edge + step for pair in ranges for edge in pair for step in (-1, 0, 1))}
    for one in sorted(near & set(range(65536))):
        assert kernel.accepts(one) == any(first <= one <= last for first, last in ranges)


def test_both_families_of_tcp_are_one_request():
    request = inet_diag.tcp(inet_diag.LISTEN | inet_diag.BOUND)

    assert len(request) == 16 + 4 + 48 + 8
    assert struct.unpack_from("=IH", request) == (76, 18)
    assert struct.unpack_from("=I", request, 68) == (1 << 10 | 1 << 13,)


def test_udp_is_a_request_a_family():
    request = inet_diag.udp(V6)

    assert len(request) == 16 + 8 + 48
    assert struct.unpack_from("=IH", request) == (72, 20)
    assert struct.unpack_from("=BBBxI", request, 16) == (V6, socket.IPPROTO_UDP, 0, 1 << 7 | 1 << 1)


@pytest.mark.parametrize(
    "request_of, size", [(lambda ports: inet_diag.tcp(1, ports), 76), (lambda ports: inet_diag.udp(V4, 1, ports), 72)]
)
def test_ports_go_into_the_request_as_a_program(request_of, size):
    code = inet_diag.bytecode([(80, 90)])

    assert request_of([(80, 90)])[size:] == struct.pack("=HH", 4 + len(code), 1) + code


mostly_zero = st.lists(st.one_of(st.just(0), st.just(0), st.integers(0, 255)), min_size=16, max_size=16).map(bytes)


@given(st.one_of(mostly_zero, st.binary(min_size=4, max_size=4).map(lambda last: bytes(10) + b"\xff\xff" + last)))
@example(bytes(16))
@example(bytes(12) + b"\1\2\3\4")  # C writes ::1.2.3.4
def test_every_ipv6_address_has_the_collections_own_text(raw):
    assert inet_diag.address(inet_diag.AF_INET6, raw) == text_of(socket.inet_ntop(socket.AF_INET6, raw))
