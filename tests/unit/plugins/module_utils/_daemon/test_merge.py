# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import copy
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.json_edit import GONE, Change, edit
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.merge import (
    ConfigError,
    absent,
    policies_of,
    present,
    removed,
    same,
)

PRESENT = [
    # current, wanted, policies, {dotted path: value}
    ({}, {"debug": True}, {}, {"debug": True}),
    ({"debug": True}, {"debug": True}, {}, {}),
    ({"mtu": 1}, {"mtu": True}, {}, {"mtu": True}),
    ({"mtu": 1500}, {"mtu": 1500.0}, {}, {}),
    ({"log-opts": {"a": "1"}}, {"log-opts": {"b": "2"}}, {}, {"log-opts.b": "2"}),
    ({"log-opts": "x"}, {"log-opts": {"b": "2"}}, {}, {"log-opts": {"b": "2"}}),
    ({"a": {"b": {"c": 1, "d": 2}}}, {"a": {"b": {"d": 3}}}, {}, {"a.b.d": 3}),
    ({"dns": ["1.1.1.1"]}, {"dns": ["8.8.8.8", "1.1.1.1"]}, {}, {"dns": ["1.1.1.1", "8.8.8.8"]}),
    ({"dns": ["1.1.1.1", "8.8.8.8"]}, {"dns": ["8.8.8.8"]}, {}, {}),
    ({"dns": ["1.1.1.1"]}, {"dns": ["8.8.8.8"]}, {"dns": "replace"}, {"dns": ["8.8.8.8"]}),
    ({"dns": ["1.1.1.1"]}, {"dns": []}, {"dns": "replace"}, {"dns": []}),
    ({}, {"dns": ["8.8.8.8", "8.8.8.8"]}, {}, {"dns": ["8.8.8.8"]}),
    ({"labels": ["a=1", "b=1"]}, {"labels": ["a=2", "c=3"]}, {}, {"labels": ["a=2", "b=1", "c=3"]}),
    ({"labels": ["a=1"]}, {"labels": ["a=2"]}, {"labels": "union"}, {"labels": ["a=1", "a=2"]}),
    (
        {"default-address-pools": [{"base": "10.0.0.0/8", "size": 24}]},
        {"default-address-pools": [{"base": "172.30.0.0/16", "size": 24}]},
        {},
        {"default-address-pools": [{"base": "172.30.0.0/16", "size": 24}]},
    ),
]
ABSENT = [
    # current, unwanted, {dotted path: value or "GONE"}
    ({"a": 1}, {"b": None}, {}),
    ({"a": 1}, {"a": None}, {"a": "GONE"}),
    ({"a": 1}, {"a": 1}, {"a": "GONE"}),
    ({"a": 1}, {"a": 2}, {}),
    ({"a": 1}, {"a": True}, {}),
    ({"a": {"b": 1, "c": 2}}, {"a": {"b": None}}, {"a.b": "GONE"}),
    ({"a": {"b": 1}}, {"a": {"b": 1}}, {"a": "GONE"}),
    ({"a": {"b": {"c": 1}, "d": 2}}, {"a": {"b": {"c": 1}}}, {"a.b": "GONE"}),
    ({"a": {"b": {"c": 1}}}, {"a": {"b": {"c": 1}}}, {"a": "GONE"}),
    ({"a": {}}, {"a": {}}, {"a": "GONE"}),
    ({"a": {"b": 1}}, {"a": {}}, {}),
    ({"dns": ["x", "y"]}, {"dns": ["y", "z"]}, {"dns": ["x"]}),
    ({"dns": ["x"]}, {"dns": ["x"]}, {"dns": "GONE"}),
    ({"dns": ["x"]}, {"dns": None}, {"dns": "GONE"}),
    ({"dns": ["x"]}, {"dns": ["y"]}, {}),
]


def as_table(changes):
    return {".".join(one.path): "GONE" if one.value is GONE else one.value for one in changes}


@pytest.mark.parametrize("current, wanted, policies, changes", PRESENT)
def test_present(current, wanted, policies, changes):
    assert as_table(present(current, wanted, policies)) == changes


@pytest.mark.parametrize("current, unwanted, changes", ABSENT)
def test_absent(current, unwanted, changes):
    assert as_table(absent(current, unwanted)) == changes


def test_a_key_without_a_value_is_a_mistake():
    with pytest.raises(ConfigError) as raised:
        list(present({}, {"a": {"b": None}}, {}))

    assert str(raised.value) == "a.b has no value: expected one, or state=absent to remove the key"


def test_a_policy_that_is_none():
    with pytest.raises(ConfigError) as raised:
        policies_of({"dns": "append"})

    assert str(raised.value) == "lists: dns has 'append': expected one of union, by_key, replace"


def test_removed():
    gone = removed({"debug": True, "features": {"cdi": True}, "ip": "::1"}, ["debug", "features", "mtu"], {"ip": "::1"})

    assert list(gone) == [Change(("debug",), GONE), Change(("features",), GONE)]


@pytest.mark.parametrize(
    "key, message",
    [
        ("ip", "remove: ip is in config, too: it cannot be there and be gone"),
        (
            "features.cdi",
            "remove: features.cdi is not a key of the file: expected one such as features, or state=absent",
        ),
    ],
)
def test_what_is_not_removed(key, message):
    with pytest.raises(ConfigError) as raised:
        list(removed({"ip": "::1"}, [key], {"ip": "::1"}))

    assert str(raised.value) == message


@pytest.mark.parametrize("number, text", [(float("inf"), "inf"), (float("nan"), "nan")])
def test_a_number_that_json_has_not(number, text):
    with pytest.raises(ConfigError) as raised:
        list(present({}, {"a": {"mtu": number}}, {}))

    assert str(raised.value) == f"a.mtu is {text}: JSON has no such number"


KEYS = st.sampled_from(["dns", "labels", "debug", "log-opts"])
VALUES = st.recursive(
    st.booleans() | st.integers(0, 3) | st.sampled_from(["a=1", "a=2", "b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
CONFIGS = st.dictionaries(KEYS, VALUES, max_size=3)


@given(CONFIGS, CONFIGS)
@example({"labels": [0]}, {"labels": [False, True]})
def test_the_second_time_there_is_nothing_to_do(current, wanted):
    after = json.loads(edit(json.dumps(current), list(present(current, wanted, {}))))

    assert list(present(after, wanted, {})) == []


@given(CONFIGS, CONFIGS)
def test_nothing_but_the_named_keys_changes(current, wanted):
    after = json.loads(edit(json.dumps(current), list(present(current, wanted, {}))))

    assert {k: v for k, v in after.items() if k not in wanted} == {k: v for k, v in current.items() if k not in wanted}


@given(CONFIGS, CONFIGS)
def test_absent_undoes_what_present_did_to_keys_that_were_not_there(current, wanted):
    new = {key: value for key, value in wanted.items() if key not in current and value not in ([], {})}
    text = json.dumps(current, indent=2)
    after = edit(text, list(present(current, new, {})))

    undone = edit(after, list(absent(json.loads(after), new)))

    assert undone == text


@given(VALUES)
def test_same_is_itself(value):
    assert same(value, copy.deepcopy(value))
