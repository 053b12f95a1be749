# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.plugin_utils._allocate.allocation import (
    AllocationError,
    Ask,
    allocate,
    freed,
    pruned,
)
from ansible_collections.dockmaster.ports.plugins.plugin_utils._allocate.registry import Registry

API = Ask("api", ((3000, 3099),))
NAMES = st.lists(st.text("abc/", min_size=1, max_size=4), max_size=40)


def test_the_port_of_a_name_is_the_same_for_ever():
    """Every release and every controller gives these; a change here moves ports of people."""
    _registry, found = allocate(Registry(), API, ["shop/web", "shop/db", "blog/api"])

    assert found == {"shop/web": 3030, "shop/db": 3045, "blog/api": 3074}


def test_of_two_names_with_one_hash_the_first_by_name_has_it():
    _registry, found = allocate(Registry(), API, ["shop/web", "blog"])

    assert found == {"blog": 3030, "shop/web": 3031}


@given(NAMES, st.randoms())
def test_the_order_of_names_does_not_matter(names, shuffle):
    other = list(names)
    shuffle.shuffle(other)

    assert allocate(Registry(), API, names) == allocate(Registry(), API, other)


@given(st.lists(NAMES, max_size=4), st.frozensets(st.integers(3000, 3099), max_size=20))
def test_no_two_names_have_one_port_and_none_moves(calls, avoid):
    registry, before = Registry(), {}
    for names in calls:
        try:
            registry, found = allocate(registry, Ask("api", ((3000, 3099),), avoid=avoid), names)
        except AllocationError:
            break
        assert set(found) == set(names)
        assert all(found[name] == port for name, port in before.items() if name in found)
        assert {3000 <= port <= 3099 and port not in avoid for port in found.values()} <= {True}
        before = {**before, **found}
        assert registry.ports["api"] == before
        assert len(set(before.values())) == len(before)


@given(st.dictionaries(st.sampled_from(["x", "y", "z"]), NAMES, min_size=1))
def test_stacks_have_blocks_of_their_own(stacks):
    registry = allocate(Registry(), API, ["shop/web"])[0]
    held = {}
    for stack, names in stacks.items():
        try:
            registry, found = allocate(registry, Ask("api", ((3000, 3099),), stack, 20), names)
        except AllocationError:
            continue
        first, last = registry.blocks["api"][stack]
        assert last - first == 19 and first % 20 == 0 and not first <= registry.ports["api"]["shop/web"] <= last
        assert all(first <= port <= last for port in found.values())
        held[stack] = (first, last)
    assert len(set(held.values())) == len(held)
    registry, found = allocate(registry, API, ["a", "b", "c", "d"])
    assert not any(first <= port <= last for port in found.values() for first, last in held.values())


def test_an_entry_that_is_there_wins_even_outside_the_band_and_over_what_is_taken():
    registry = Registry({"api": {"shop/web": 9}})
    ask = Ask("api", ((3000, 3001),), avoid=frozenset({9}))

    assert allocate(registry, ask, ["shop/web"]) == (registry, {"shop/web": 9})


def test_other_bands_ports_are_not_given_out():
    registry = Registry({"web": {"a": 3000}})

    assert allocate(registry, Ask("api", ((3000, 3001),)), ["b"])[1] == {"b": 3001}


def test_a_band_of_several_ranges_is_used_wholly():
    _registry, found = allocate(Registry(), Ask("api", ((10, 11), (20, 20))), ["a", "b", "c"])

    assert set(found.values()) == {10, 11, 20}


FULL = [
    (Ask("api", ((10, 11),)), ["a", "b", "c"], "band api (10-11) has no free port for c: all 2 are taken"),
    (
        Ask("api", ((10, 11), (20, 20)), avoid=frozenset({10, 11, 20})),
        ["a"],
        "band api (10-11, 20) has no free port for a: all 3 are taken",
    ),
    (Ask("api", ((10, 19),), "x", 2), ["a", "b", "c"], "has no free port for c@x: all 2 are taken"),
    (Ask("api", ((10, 19),), "x", 11), ["a"], "band api (10-19) has no 11 free ports in a row for stack x"),
    (
        Ask("api", ((10, 19),), "x", 5, frozenset({12, 17})),
        ["a"],
        "band api (10-19) has no 5 free ports in a row for stack x",
    ),
]


@pytest.mark.parametrize("ask, names, message", FULL)
def test_a_full_band_is_told(ask, names, message):
    with pytest.raises(AllocationError) as refusal:
        allocate(Registry(), ask, names)

    assert str(refusal.value).endswith(message)


def test_what_is_not_asked_for_is_kept_until_it_is_pruned():
    registry = allocate(Registry({"web": {"w": 1}}), API, ["a", "b"])[0]
    registry = allocate(registry, Ask("api", API.ranges, "x", 10), ["c"])[0]

    assert allocate(registry, API, ["a"])[0] == registry
    assert set(pruned(registry, API, ["a"]).ports["api"]) == {"a", "c@x"}
    assert set(pruned(registry, Ask("api", API.ranges, "x", 10), ["d"]).ports["api"]) == {"a", "b"}
    assert pruned(registry, Ask("api", API.ranges, "x", 10), []).blocks == {}
    assert pruned(registry, API, ["a"]).blocks == registry.blocks
    assert pruned(registry, API, []).ports["web"] == {"w": 1}


def test_what_is_taken_back_is_free_and_nothing_else():
    stack = Ask("api", API.ranges, "x", 10)
    registry = allocate(Registry({"web": {"w": 1}}), API, ["a", "b"])[0]
    registry = allocate(registry, stack, ["a", "b"])[0]

    partly = freed(registry, stack, ["a", "c"])
    assert set(partly.ports["api"]) == {"a", "b", "b@x"} and partly.blocks == registry.blocks
    wholly = freed(registry, stack, ["a", "b"])
    assert set(wholly.ports["api"]) == {"a", "b"} and wholly.blocks == {}
    assert freed(wholly, API, ["a", "b"]) == Registry({"web": {"w": 1}})
    assert freed(Registry(), API, ["a"]) == Registry()


def test_ten_thousand_names_in_a_band_of_twenty_thousand():
    names = [f"project{number % 900}/service{number}" for number in range(10_000)]
    random.Random(1).shuffle(names)
    ask = Ask("wide", ((20_000, 39_999),))
    start = time.process_time()

    registry, found = allocate(Registry(), ask, names)
    assert time.process_time() - start < 2

    again, more = allocate(registry, ask, ["one/more"])
    assert {name: port for name, port in again.ports["wide"].items() if name != "one/more"} == found
    assert more["one/more"] not in found.values()
