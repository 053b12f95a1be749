# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import ipaddress
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import networks
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.networks import NetworkError

PARSED = [
    # text, the fewest networks of it
    ("192.0.2.7", ["192.0.2.7/32"]),
    (" 192.0.2.7 ", ["192.0.2.7/32"]),
    ("10.0.0.0/8", ["10.0.0.0/8"]),
    ("0.0.0.0/0", ["0.0.0.0/0"]),
    ("10.0.0.5-10.0.0.9", ["10.0.0.5/32", "10.0.0.6/31", "10.0.0.8/31"]),
    ("10.0.0.5 - 10.0.0.5", ["10.0.0.5/32"]),
    ("2001:DB8::1", ["2001:db8::1/128"]),
    ("2001:db8::/32", ["2001:db8::/32"]),
    ("::/0", ["::/0"]),
    ("2001:db8::-2001:db8::f", ["2001:db8::/124"]),
]

FORM = "expected an address, a network or a range, such as 192.0.2.7, 10.0.0.0/8 or 10.0.0.5-10.0.0.9"
REFUSED = [
    ("", f"'' is not a network: {FORM}"),
    ("app", f"'app' is not a network: {FORM}"),
    ("10.0.0.300", f"'10.0.0.300' is not a network: {FORM}"),
    ("010.0.0.1", f"'010.0.0.1' is not a network: {FORM}"),
    ("10", f"'10' is not a network: {FORM}"),
    ("fe80::1%eth0", f"'fe80::1%eth0' is not a network: {FORM}"),
    ("10.0.0.1\0", f"'10.0.0.1\\x00' is not a network: {FORM}"),
    ("\udcff", f"'\\udcff' is not a network: {FORM}"),
    ("10.0.0.0/33", "'10.0.0.0/33' is not a network: its prefix is not a number from 0 to 32"),
    ("10.0.0.0/255.0.0.0", "'10.0.0.0/255.0.0.0' is not a network: its prefix is not a number from 0 to 32"),
    ("10.0.0.0/", "'10.0.0.0/' is not a network: its prefix is not a number from 0 to 32"),
    ("::/129", "'::/129' is not a network: its prefix is not a number from 0 to 128"),
    (
        "10.0.0.5/24",
        "'10.0.0.5/24' is not a network: it has bits set behind its prefix; "
        "write 10.0.0.0/24 for the network, 10.0.0.5 for the address",
    ),
    ("10.0.0.9-10.0.0.5", "'10.0.0.9-10.0.0.5' is not a range: it ends before it begins"),
    ("10.0.0.9-::1", "'10.0.0.9-::1' is not a range: its ends are of two families"),
    ("::ffff:192.0.2.1", "'::ffff:192.0.2.1' is an IPv4 address written as IPv6: write 192.0.2.1"),
]


@pytest.mark.parametrize("text, expected", PARSED)
def test_parse(text, expected):
    family, first, last = networks.parse(text)

    assert networks.networks(family, ((first, last),)) == expected


@pytest.mark.parametrize("text, message", REFUSED)
def test_refused(text, message):
    with pytest.raises(NetworkError, match=f"^{re.escape(message)}$"):
        networks.parse(text)


@given(st.text(max_size=60))
def test_any_text_is_parsed_or_refused(text):
    try:
        family, first, last = networks.parse(text)
    except NetworkError:
        return
    assert 0 <= first <= last < 1 << networks.BITS[family]


spans = st.lists(st.tuples(st.integers(0, 255), st.integers(0, 40)).map(lambda s: (s[0], s[0] + s[1])), max_size=8)


def held(some):
    """The addresses themselves: small enough to be counted one by one."""
    return {address for first, last in some for address in range(first, last + 1)}


@given(spans)
def test_merge_holds_the_same_addresses_in_spans_apart(some):
    merged = networks.merge(some)

    assert held(merged) == held(some)
    assert all(one[1] + 1 < other[0] for one, other in zip(merged, merged[1:]))


@given(spans, spans)
def test_sets_are_sets(some, others):
    one, other = networks.merge(some), networks.merge(others)

    assert held(networks.overlap(one, other)) == held(one) & held(other)
    assert held(networks.without(one, other)) == held(one) - held(other)
    assert networks.covers(one, other) == (held(other) <= held(one))
    for result in (networks.overlap(one, other), networks.without(one, other)):
        assert result == networks.merge(result)


@given(spans)
def test_networks_are_the_fewest(some):
    merged = networks.merge(some)
    expected = [
        str(network)
        for first, last in merged
        for network in ipaddress.summarize_address_range(ipaddress.IPv4Address(first), ipaddress.IPv4Address(last))
    ]

    assert networks.networks(4, merged) == expected
    assert networks.networks(4, merged) == [
        str(net) for net in ipaddress.collapse_addresses(map(ipaddress.ip_network, expected))
    ]


@pytest.mark.parametrize("family", networks.FAMILIES)
def test_every_address_is_one_network(family):
    assert networks.networks(family, networks.EVERY[family]) == [{4: "0.0.0.0/0", 6: "::/0"}[family]]


def test_short_leaves_out_the_prefix_of_an_address():
    assert networks.short(4, ((1, 1), (4, 7))) == ["0.0.0.1", "0.0.0.4/30"]
