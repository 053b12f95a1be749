# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re

import pytest
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.filter import network_set as module
from ansible_collections.dockmaster.ports.plugins.filter.network_set import network_set
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import networks

MERGED = [
    ("10.0.0.1", ["10.0.0.1"]),
    ([], []),
    (["10.0.0.0/9", "10.128.0.0/9"], ["10.0.0.0/8"]),
    (["10.0.0.1", "10.0.0.0/24", "10.0.0.1"], ["10.0.0.0/24"]),
    (["10.0.0.5-10.0.0.9"], ["10.0.0.5", "10.0.0.6/31", "10.0.0.8/31"]),
    (["2001:db8::1", "192.0.2.7", ["2001:db8::", ["10.0.0.0/8"]]], ["10.0.0.0/8", "192.0.2.7", "2001:db8::/127"]),
    (["0.0.0.0/0", "::/0"], ["0.0.0.0/0", "::/0"]),
]
FORM = "expected an address, a network or a range, such as 192.0.2.7, 10.0.0.0/8 or 10.0.0.5-10.0.0.9"


@pytest.mark.parametrize("value, expected", MERGED)
def test_network_set(value, expected):
    assert network_set(value) == expected


def test_one_family():
    assert network_set(["10.0.0.1", "::1"], family="ipv4") == ["10.0.0.1"]
    assert network_set(["10.0.0.1", "::1"], family="ipv6") == ["::1"]


@pytest.mark.parametrize(
    "value, options, message",
    [
        (["app"], {}, f"dockmaster.ports.network_set: 'app' is not a network: {FORM}"),
        (["10"], {}, f"dockmaster.ports.network_set: '10' is not a network: {FORM}"),
        ([None], {}, f"dockmaster.ports.network_set: 'None' is not a network: {FORM}"),
        (["10.0.0.1"], {"family": 4}, "dockmaster.ports.network_set: family: 4 is not one of ipv4, ipv6"),
    ],
)
def test_refused(value, options, message):
    with pytest.raises(AnsibleFilterError, match=f"^{re.escape(message)}$"):
        network_set(value, **options)


def test_without_netaddr_it_says_so(monkeypatch):
    monkeypatch.setattr(module, "netaddr", None)
    with pytest.raises(
        AnsibleFilterError, match=r"^dockmaster\.ports\.network_set: netaddr is not installed on the controller$"
    ):
        network_set(["10.0.0.1"])


@given(st.lists(st.one_of(st.ip_addresses(), st.tuples(st.ip_addresses(v=4), st.integers(8, 32)).map(
    lambda pair: f"{int(pair[0]) >> 24}.0.0.0/{pair[1]}"
)).map(str), max_size=20))  # fmt: skip
def test_the_target_merges_to_the_same(texts):
    plain = [text for text in texts if not text.startswith("::ffff:")]
    spans = {4: [], 6: []}
    for text in plain:
        family, first, last = networks.parse(text)
        spans[family].append((first, last))

    expected = networks.short(4, networks.merge(spans[4])) + networks.short(6, networks.merge(spans[6]))

    assert [networks.parse(text) for text in network_set(plain)] == [networks.parse(text) for text in expected]
