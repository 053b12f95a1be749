# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import files, known
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.published import Published
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._firewall.fake_system import FakeSystem

WEB, DB = (6, "tcp", "", 80), (4, "tcp", "192.0.2.1", 5432)
NOW = 10_000.0

CARRIED = [
    # known before, published now, listened on, known now
    ({}, [WEB], set(), {WEB: None}),
    ({WEB: None}, [WEB], {("tcp", 80)}, {WEB: None}),
    ({WEB: None}, [], set(), {WEB: NOW}),
    ({WEB: NOW - 599}, [], set(), {WEB: NOW - 599}),
    ({WEB: NOW - 600}, [], set(), {}),
    ({WEB: NOW + 1}, [], set(), {}),  # the clock went back
    ({WEB: NOW - 5}, [WEB], set(), {WEB: None}),
    ({WEB: None}, [], {("tcp", 80)}, {}),  # somebody else's now
    ({WEB: None}, [], {("udp", 80)}, {WEB: NOW}),
    ({WEB: None, DB: None}, [DB], {("tcp", 80)}, {DB: None}),
]


@pytest.mark.parametrize("before, published, listened, after", CARRIED)
def test_carry_on(before, published, listened, after):
    found = [Published(family, protocol, ip, port, port, turned=True) for family, protocol, ip, port in published]

    assert known.carry_on(before, found, listened, NOW) == after


def test_absent_are_those_that_are_gone():
    assert known.absent({WEB: None, DB: 5.0}) == [Published(4, "tcp", "192.0.2.1", 5432, 5432)]


def test_what_is_saved_is_loaded():
    system = FakeSystem()

    known.save(system, {WEB: None, DB: 5.0})

    assert known.load(system) == {WEB: None, DB: 5.0}


@pytest.mark.parametrize("text", ["", "{}", "[1]", "[[[4, 5], null]]", "null"])
def test_a_file_that_is_not_whole_is_as_good_as_none(text):
    assert known.load(FakeSystem(files={files.KNOWN: text})) == {}
