# SPDX-License-Identifier: GPL-3.0-or-later
"""Netlink messages and attributes."""

from __future__ import annotations

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._probes import netlink
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.netlink_words import (
    attribute,
    in_datagrams,
    message,
)

kinds = st.integers(0, 2**14 - 1)


def test_a_dump_request_asks_for_everything():
    request = netlink.dump_request(20, b"body")

    assert struct.unpack_from("=IHHII", request) == (20, 20, 0x001 | 0x100 | 0x200, 1, 0)
    assert request[16:] == b"body"


@given(kinds, st.binary(max_size=40))
def test_an_attribute_is_padded_to_four_bytes(kind, value):
    packed = netlink.attribute(kind, value)

    assert packed == attribute(kind, value)
    assert len(packed) % 4 == 0


@given(st.data(), st.lists(st.tuples(st.integers(0, 2**16 - 1), st.binary(max_size=40)), max_size=6))
def test_messages_come_back_whole_however_they_are_cut_into_datagrams(data, told):
    datagrams = in_datagrams(data.draw, [message(kind, body) for kind, body in told])

    assert list(netlink.messages(datagrams)) == told


@given(
    st.lists(st.tuples(kinds, st.binary(max_size=20)), max_size=6),
    st.sampled_from([0, 0x4000, 0x8000]),
    st.binary(max_size=3),
)
def test_attributes_come_back_without_flags_and_padding(told, flag, rest):
    body = b"fixed part!!" + b"".join(attribute(kind | flag, value) for kind, value in told) + rest

    assert list(netlink.attributes(body, 12)) == told


def test_attributes_end_where_the_message_ends():
    body = attribute(3, b"eth0") + attribute(4, b"not of this message")

    assert list(netlink.attributes(body, 0, len(attribute(3, b"eth0")))) == [(3, b"eth0")]


def test_an_attribute_that_is_shorter_than_its_head_ends_the_attributes():
    assert list(netlink.attributes(attribute(1, b"") + struct.pack("=HH", 0, 2), 0)) == [(1, b"")]


@pytest.mark.parametrize(
    "datagram, reason",
    [
        (message(20, b"12345678")[:-4], "netlink: a message of 24 bytes at byte 0 of 20"),
        (struct.pack("=IHHII", 8, 20, 0, 0, 0), "netlink: a message of 8 bytes at byte 0 of 16"),
        (message(20, b"1234") + message(20, b"1234")[:16], "netlink: a message of 20 bytes at byte 20 of 36"),
        (message(20, b"") + b"\x10\0\0", "netlink: a message of 3 bytes at byte 16 of 19"),
    ],
)
def test_a_datagram_that_is_cut_short_is_an_error(datagram, reason):
    with pytest.raises(ValueError, match=f"^{reason}$"):
        list(netlink.messages([datagram]))


@given(st.lists(st.binary(max_size=60), max_size=3))
def test_nonsense_is_an_error_and_never_anything_else(datagrams):
    with contextlib.suppress(ValueError):
        list(netlink.messages(datagrams))


@given(st.binary(max_size=60), st.integers(0, 70))
def test_attributes_end_whatever_there_is(body, offset):
    assert len(list(netlink.attributes(body, offset))) <= 15
