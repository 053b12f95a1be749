# SPDX-License-Identifier: GPL-3.0-or-later
"""Evidence to JSON and back."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._core.dump import dump
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import SECTIONS, Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.load import RECORDS, EvidenceError, load
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket

NONE = type(None)


def whole(record):
    """Any record of a type, every field of it filled."""
    hints = t.get_type_hints(record, localns=RECORDS)
    return st.builds(record, **{field.name: value(hints[field.name]) for field in dataclasses.fields(record)})


def value(hint):
    args = getattr(hint, "__args__", ())
    origin = getattr(hint, "__origin__", None)
    if origin is t.Union:
        return st.none() | value(next(arg for arg in args if arg is not NONE))
    if origin is tuple:
        return st.lists(value(args[0]), max_size=2).map(tuple)
    if origin is dict:
        return st.dictionaries(st.text(max_size=3), st.floats(0, 1), max_size=2)
    if dataclasses.is_dataclass(hint):
        return whole(hint)
    return {int: st.integers(), str: st.text(max_size=5), bool: st.booleans(), float: st.floats(0, 2e9)}[hint]


@given(whole(Evidence))
def test_what_is_dumped_is_loaded(evidence):
    evidence = dataclasses.replace(evidence, schema=1)

    assert load(json.loads(json.dumps(dump(evidence)))) == evidence


def test_a_section_that_is_absent_was_not_seen():
    evidence = load({"schema": 1, "sockets": []})

    assert (evidence.sockets, evidence.nat) == ((), None)
    assert (evidence.unseen("sockets"), evidence.unseen("nat")) == ("", "nat was not gathered")


def test_unseen_says_why():
    blind = (Blind("nat", "iptables-save: permission denied", "gather with become: true"),)

    reason = Evidence(blind=blind).unseen("nat")

    assert reason == "nat: iptables-save: permission denied; gather with become: true"


def test_fields_of_a_later_release_are_ignored():
    assert load(
        {"schema": 1, "sockets": [{"ip": "::", "protocol": "tcp", "port": 1, "mood": "good"}], "more": 1}
    ) == Evidence(sockets=(Socket("::", "tcp", 1),))


@pytest.mark.parametrize(
    "document, message",
    [
        ([], "'[]' is not evidence: expected what port_facts returns, such as ansible_facts['ports']"),
        ({}, "'{}' is not evidence: expected what port_facts returns, such as ansible_facts['ports']"),
        (
            {"schema": 7},
            "the evidence has schema 7, and this release of dockmaster.ports reads 1: "
            "gather it again with the dockmaster.ports release installed on this controller",
        ),
        ({"schema": 1, "sockets": 5}, "evidence.sockets is int '5': expected a list"),
        ({"schema": 1, "sockets": [5]}, "evidence.sockets is int '5': expected a mapping"),
        (
            {"schema": 1, "sockets": [{"ip": 1, "protocol": "tcp", "port": 1}]},
            "evidence.sockets.ip is int '1': expected str",
        ),
    ],
)
def test_says_what_is_wrong(document, message):
    with pytest.raises(EvidenceError) as caught:
        load(document)

    assert str(caught.value) == message


def test_a_record_that_lacks_a_field():
    with pytest.raises(EvidenceError, match=r"^evidence.sockets is not whole: .*'port'"):
        load({"schema": 1, "sockets": [{"ip": "::", "protocol": "tcp"}]})


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3), lambda inner: st.lists(inner, max_size=3)
    )
)
def test_nothing_else_is_raised_whatever_a_section_holds(junk):
    for section in SECTIONS:
        with contextlib.suppress(EvidenceError):
            load({"schema": 1, section: junk})
