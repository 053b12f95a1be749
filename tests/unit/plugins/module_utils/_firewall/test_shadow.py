# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import policy, shadow

SHADOWED = [
    # earlier, later, whether the later one never decides
    ({"ports": ["all"]}, {"ports": ["5432"]}, True),
    ({"ports": ["5432"]}, {"ports": ["all"]}, False),
    ({"ports": ["5432"]}, {"ports": ["5432"], "sources": ["10.0.0.1"]}, True),
    ({"ports": ["5432"], "sources": ["10.0.0.1"]}, {"ports": ["5432"]}, False),
    ({"ports": ["5432"], "sources": ["10.0.0.0/8"]}, {"ports": ["5432"], "sources": ["10.0.0.1", "10.9.0.0/16"]}, True),
    ({"ports": ["5432"], "sources": ["10.0.0.0/8"]}, {"ports": ["5432"], "sources": ["10.0.0.1", "2001:db8::1"]}, False),
    ({"ports": ["5432"], "sources": ["10.0.0.0/9"]}, {"ports": ["5432"], "sources": ["10.0.0.0/8"]}, False),
    ({"ports": ["5432", "80"]}, {"ports": ["80", "443"]}, False),
    ({"ports": ["5432"], "host_ip": "192.0.2.0/24"}, {"ports": ["5432"], "host_ip": "192.0.2.1"}, True),
    ({"ports": ["5432"], "host_ip": "192.0.2.1"}, {"ports": ["5432"]}, False),
    ({"ports": ["5432"], "in_interfaces": ["eth0"]}, {"ports": ["5432"]}, False),
    ({"ports": ["5432"], "in_interfaces": ["eth0", "eth1"]}, {"ports": ["5432"], "in_interfaces": ["eth1"]}, True),
    ({"ports": ["5432"]}, {"ports": ["5432"], "in_interfaces": ["eth1"]}, True),
    ({"ports": ["5432"], "in_interfaces": ["eth*"]}, {"ports": ["5432"], "in_interfaces": ["eth1", "eth*"]}, True),
    ({"ports": ["5432"], "in_interfaces": ["eth1"]}, {"ports": ["5432"], "in_interfaces": ["eth*"]}, False),
]  # fmt: skip


def parsed(*rules):
    return policy.parse({"default": "deny", "rules": [{"action": "allow", **rule} for rule in rules]})


@pytest.mark.parametrize("earlier, later, shadowed", SHADOWED)
def test_shadowed(earlier, later, shadowed):
    assert bool(list(shadow.shadowed(parsed(earlier, later)))) is shadowed


def test_the_warning_names_both():
    wanted = parsed(
        {"ports": ["all"], "action": "deny", "comment": "nothing at all"}, {"ports": ["80"], "comment": "web"}
    )

    assert shadow.warnings(wanted) == [
        "rule 2 (web) never decides anything: rule 1 (nothing at all), deny, is before it and matches all it does"
    ]


rules = st.fixed_dictionaries(
    {"ports": st.sampled_from([["80"], ["80-90"], ["all"], ["80/udp"]])},
    optional={
        "sources": st.lists(
            st.sampled_from(["10.0.0.1", "10.0.0.0/8", "10.0.0.0/30", "10.0.0.2", "2001:db8::1"]),
            min_size=1,
            max_size=2,
        )
    },
)


@given(st.lists(rules, max_size=5))
def test_the_index_leaves_out_no_pair(some):
    wanted = parsed(*some)
    pairs = itertools.combinations(wanted.rules, 2)

    found = {later.number for _earlier, later in shadow.shadowed(wanted)}

    assert found == {later.number for earlier, later in pairs if shadow._covers(earlier, later)}
