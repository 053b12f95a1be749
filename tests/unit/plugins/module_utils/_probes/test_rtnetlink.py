# SPDX-License-Identifier: GPL-3.0-or-later
"""Interfaces and addresses, as NETLINK_ROUTE tells them."""

from __future__ import annotations

import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Address
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import rtnetlink
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rtnetlink import Link
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.netlink_words import (
    V4,
    V6,
    attribute,
    in_datagrams,
    message,
)


def link(number, name, kind=""):
    info = attribute(18 | 0x8000, attribute(1, kind.encode()) + attribute(2, b"data")) if kind else b""
    body = struct.pack("=BBHiII", 0, 0, 1, number, 0, 0) + attribute(1, b"\0" * 6)
    return message(16, body + attribute(3, name.encode() + b"\0") + info)


def address(family, ip, prefix=24, index=2, flags=0x80, peer=""):
    raw = [socket.inet_pton({V4: socket.AF_INET, V6: socket.AF_INET6}[family], one) for one in (peer or ip, ip)]
    told = attribute(1, raw[0]) + (attribute(2, raw[1]) if family == V4 or peer else b"")
    return message(20, struct.pack("=BBBBI", family, prefix, flags, 0, index) + told + attribute(3, b"label\0"))


names = st.text(st.characters(min_codepoint=33, max_codepoint=126, blacklist_characters="/"), min_size=1, max_size=15)
links = st.builds(Link, st.integers(1, 2**31 - 1), names, st.sampled_from(["", "bridge", "veth"]))


@given(st.data(), st.lists(links, max_size=6))
def test_links_come_back_exactly(data, told):
    datagrams = in_datagrams(data.draw, [link(*one) for one in told])

    assert list(rtnetlink.parse_links(datagrams)) == told


@given(st.data(), st.lists(st.tuples(st.sampled_from([4, 6]), st.integers(0, 32), st.integers(1, 9)), max_size=6))
def test_addresses_come_back_exactly(data, told):
    ips = [
        str(data.draw(st.ip_addresses(v=version).filter(lambda ip: not getattr(ip, "ipv4_mapped", None))))
        for version, _prefix, _index in told
    ]
    packed = [address(V4 if v == 4 else V6, ip, prefix, index) for ip, (v, prefix, index) in zip(ips, told)]

    found = list(
        rtnetlink.parse_addresses(in_datagrams(data.draw, packed), {index: f"eth{index}" for index in range(5)})
    )

    assert found == [
        Address(ip, prefix, f"eth{index}" if index < 5 else "") for ip, (_v, prefix, index) in zip(ips, told)
    ]


def test_the_far_end_of_a_point_to_point_link_is_not_ours():
    found = rtnetlink.parse_addresses([address(V4, "10.8.0.1", 32, peer="10.8.0.2")], {2: "tun0"})

    assert list(found) == [Address("10.8.0.1", 32, "tun0")]


@pytest.mark.parametrize(
    "flags, usable",
    [
        (0x80, True),  # permanent
        (0x40, False),  # tentative: not settled yet
        (0x48, False),  # tentative and found to be somebody else's
        (0x44, True),  # optimistic: used before it is settled
        (0x20, True),  # deprecated: not for new connections, and binds
    ],
)
def test_an_address_that_cannot_be_bound_is_left_out(flags, usable):
    found = list(rtnetlink.parse_addresses([address(V6, "fd00::5", flags=flags)], {}))

    assert bool(found) == usable


def test_an_answer_that_is_cut_short_is_unseen():
    host = ReplayHost({"netlink": {f"0:{rtnetlink.LINKS.hex()}": [link(1, "lo")[:-4].hex()]}})

    with pytest.raises(Unseen, match=r"^netlink: a message of "):
        rtnetlink.links_of(host)


messages = st.tuples(st.sampled_from([16, 20]), st.binary(max_size=80)).map(lambda pair: message(*pair))


@given(st.lists(messages, max_size=3))
def test_nonsense_is_no_crash(datagrams):
    list(rtnetlink.parse_links(datagrams))
    list(rtnetlink.parse_addresses(datagrams, {}))
