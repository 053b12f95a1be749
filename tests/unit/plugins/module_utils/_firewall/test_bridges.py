# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import bridges, files
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.surroundings import Link
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._firewall.fake_system import FakeSystem

NOW = 10_000_000.0
SHOP, GONE = Link("shop0", "bridge"), Link("lo", "")

CARRIED = [
    # known before, named by rules, an interface, known now
    ({}, {"shop0"}, SHOP, {"shop0": None}),
    ({}, {"br-shop"}, Link("br-shop", "bridge"), {"br-shop": None}),
    ({}, {"docker0"}, Link("docker0", "bridge"), {}),
    ({}, {"br-0123456789ab"}, Link("br-0123456789ab", "bridge"), {}),
    ({}, {"eth0"}, Link("eth0", ""), {}),  # a rule in the engine's chain names it
    ({}, {"shop0"}, GONE, {}),
    ({}, set(), SHOP, {}),
    ({"shop0": None}, {"shop0"}, SHOP, {"shop0": None}),
    ({"shop0": None}, set(), SHOP, {"shop0": NOW}),  # the rules were flushed
    ({"shop0": None}, set(), GONE, {"shop0": NOW}),  # the host boots
    ({"shop0": None}, {"shop0"}, GONE, {"shop0": NOW}),
    ({"shop0": NOW - 5}, {"shop0"}, SHOP, {"shop0": None}),
    ({"shop0": NOW - 5}, set(), SHOP, {"shop0": NOW - 5}),
    ({"shop0": None}, set(), Link("shop0", "wireguard"), {}),  # somebody else's now
    ({"shop0": NOW - bridges.GRACE}, set(), GONE, {}),
    ({"shop0": NOW + 1}, set(), GONE, {}),  # the clock went back
]


@pytest.mark.parametrize("before, named, link, after", CARRIED)
def test_carry_on(before, named, link, after):
    assert bridges.carry_on(before, named, [link], NOW) == after


def test_what_is_saved_is_loaded():
    system = FakeSystem()

    bridges.save(system, {"shop0": None, "db0": 5.0})

    assert bridges.load(system) == {"shop0": None, "db0": 5.0}


def test_where_there_is_none_no_file_is_made():
    system = FakeSystem()

    bridges.save(system, {})

    assert system.files == {}


@pytest.mark.parametrize("text", ["", "[]", "[1]", "null", "7", '{"a": "b"}', '{"a": []}'])
def test_a_file_that_is_not_whole_is_as_good_as_none(text):
    assert bridges.load(FakeSystem(files={files.BRIDGES: text})) == {}
