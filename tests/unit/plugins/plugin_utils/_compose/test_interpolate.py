# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.interpolate import TemplateError, interpolated

VARIABLES = {"SET": "8080", "EMPTY": "", "OTHER": "9"}

FILLS = [
    ("80:80", "80:80", []),
    ("$SET:80", "8080:80", []),
    ("${SET}:80", "8080:80", []),
    ("${SET}${OTHER}", "80809", []),
    ("$SETTER", "", ["SETTER"]),
    ("${UNSET}:80", ":80", ["UNSET"]),
    ("${UNSET:-1}", "1", []),
    ("${EMPTY:-1}", "1", []),
    ("${SET:-1}", "8080", []),
    ("${UNSET-1}", "1", []),
    ("${EMPTY-1}", "", []),
    ("${SET:+1}", "1", []),
    ("${EMPTY:+1}", "", []),
    ("${UNSET:+1}", "", []),
    ("${EMPTY+1}", "1", []),
    ("${UNSET+1}", "", []),
    ("${SET:?why}", "8080", []),
    ("${EMPTY?why}", "", []),
    ("${UNSET:-${OTHER:-7}}", "9", []),
    ("${UNSET:-${EMPTY:-7}}:80", "7:80", []),
    ("${UNSET:-a}-${UNSET:-b}", "a-b", []),
    ("${UNSET:-$SET}", "8080", []),
    ("${SET:-$UNSET}", "8080", ["UNSET"]),
    ("$$SET", "$SET", []),
    ("$${SET}", "${SET}", []),
    ("$$$SET", "$8080", []),
    ("costs $5, or $", "costs $5, or $", []),
    ("${UNSET:-{}}", "{}", []),
    ('${UNSET:-{"a": 1}}', '{"a": 1}', []),
    ("${UNSET:-}}", "}", []),
]


@pytest.mark.parametrize("text, filled, unset", FILLS)
def test_interpolated(text, filled, unset):
    told: list[str] = []

    assert interpolated(text, VARIABLES, told.append) == filled
    assert told == unset


WRONG = "expected ${NAME}, ${NAME:-default}, ${NAME:?why} or ${NAME:+instead}; $$ stands for a dollar sign"
REFUSES = [
    ("${UNSET:?set a port}:80", "'${UNSET:?set a port}:80' needs variable UNSET, which has no value: set a port"),
    ("${EMPTY:?}", "'${EMPTY:?}' needs variable EMPTY, which has no value"),
    ("${UNSET?no $OTHER}", "'${UNSET?no $OTHER}' needs variable UNSET, which has no value: no 9"),
    ("${SET:-${UNSET:?no}}", "'${UNSET:?no}' needs variable UNSET, which has no value: no"),
    ("${SET", "'${SET' has a ${ that is not closed; $$ stands for a dollar sign"),
    ("${SET\n}", "'${SET\\n}' has a ${ that is not closed; $$ stands for a dollar sign"),
    ("${}", f"'${{}}' has ${{}}: {WRONG}"),
    ("${1A}", f"'${{1A}}' has ${{1A}}: {WRONG}"),
    ("${A B}", f"'${{A B}}' has ${{A B}}: {WRONG}"),
    (
        "${A:-" * 1000 + "}" * 1000,
        "'${A:-${A:-${A:-${A:-${A:-${A:-${A:-${A:-' and so on has variables nested deeper than 100 levels",
    ),
    ("${SET!x}", f"'${{SET!x}}' has ${{SET!x}}: {WRONG}"),
]


@pytest.mark.parametrize("text, message", REFUSES)
def test_refuses(text, message):
    with pytest.raises(TemplateError) as refusal:
        interpolated(text, VARIABLES, lambda _name: None)

    assert str(refusal.value) == message


def test_variables_of_variables_have_an_end():
    long = {"A": "x" * 400_000}

    assert len(interpolated("$A$A", long, lambda _name: None)) == 800_000
    with pytest.raises(TemplateError) as refusal:
        interpolated("$A${A}${B-$A}", long, lambda _name: None)
    assert str(refusal.value) == "'$A${A}${B-$A}' and so on is longer than 1000000 characters with its variables"


@given(
    st.one_of(
        st.text(), st.lists(st.sampled_from("$ ${ } { SET EMPTY X :- - :? ? :+ + $$ 1 \n".split(" "))).map("".join)
    )
)
def test_whatever_comes_is_filled_or_refused(text):
    with contextlib.suppress(TemplateError):
        interpolated(text, VARIABLES, lambda _name: None)
