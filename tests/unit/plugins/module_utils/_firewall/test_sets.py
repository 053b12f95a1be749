# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import sets

SAVED = """\
create f2b hash:ip family inet hashsize 1024 maxelem 65536
add f2b 198.51.100.7
create dockmaster-4-aaaaaaaaaaaa hash:net family inet hashsize 64 maxelem 65536 bucketsize 12 initval 0x4b1a2b3c
add dockmaster-4-aaaaaaaaaaaa 10.0.0.0/8
add dockmaster-4-aaaaaaaaaaaa 192.0.2.7
"""
A, B = "dockmaster-4-aaaaaaaaaaaa", "dockmaster-6-bbbbbbbbbbbb"


def test_parse_knows_ours():
    assert sets.parse(SAVED) == {A: ("10.0.0.0/8", "192.0.2.7")}


@pytest.mark.parametrize("name", ["dockmaster-blocklist", "dockmaster-4-office", f"{A}a", "dockmaster-new-one"])
def test_a_set_that_is_only_called_like_ours_is_somebodys(name):
    assert sets.parse(f"create {name} hash:net family inet\nadd {name} 10.0.0.0/8\n") == {}


def test_nothing_to_do():
    assert sets.restore(sets.parse(SAVED), {A: ("192.0.2.7/32", "10.0.0.0/8")}) == ""


def test_a_set_that_is_missing_is_made():
    assert sets.restore({}, {B: ("2001:db8::/32", "::1/128")}) == (
        f"create {B} hash:net family inet6 hashsize 64 maxelem 65536\nadd {B} 2001:db8::/32\nadd {B} ::1/128\n"
    )


def test_a_set_that_somebody_changed_is_swapped_and_never_empty():
    assert sets.restore({A: ("10.0.0.0/8", "0.0.0.0/1")}, {A: ("10.0.0.0/8",)}) == (
        "create dockmaster-new hash:net family inet hashsize 64 maxelem 65536\n"
        "add dockmaster-new 10.0.0.0/8\n"
        f"swap dockmaster-new {A}\n"
        "destroy dockmaster-new\n"
    )


def test_what_a_killed_run_left_goes_first():
    assert sets.restore({"dockmaster-new": ()}, {A: ("10.0.0.0/8",)}).startswith("destroy dockmaster-new\ncreate ")


def test_what_a_killed_run_left_goes_alone_too_and_once():
    left = {"dockmaster-new": ("10.0.0.0/8",), A: ("10.0.0.0/8",)}

    assert sets.restore(left, {A: ("10.0.0.0/8",)}) == "destroy dockmaster-new\n"
    assert sets.unused(left, {A: ("10.0.0.0/8",)}) == []
    assert sets.hold(left, {A: ("10.0.0.0/8",)}, 4)


def test_unused():
    assert sets.unused({A: (), B: ()}, {B: ()}) == [A]


@pytest.mark.parametrize(
    "there, wanted, of, held",
    [
        ({A: ("192.0.2.7",), B: ("::1",)}, {A: ("192.0.2.7/32",)}, 4, True),
        ({A: ("192.0.2.7",), B: ("::1",)}, {}, 6, False),
        ({B: ("::1",)}, {A: ("192.0.2.7/32",)}, 4, False),
        ({A: ("192.0.2.8",)}, {A: ("192.0.2.7/32",)}, 4, False),
    ],
)
def test_the_sets_of_one_family_are_those_that_are_wanted(there, wanted, of, held):
    assert sets.hold(there, wanted, of) is held
