# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.dotenv import lookup, variables_of
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.problem import ComposeError

SHELL = {"SHELL": "s", "BOTH": "shell"}

READS = [
    ("A=80", {"A": "80"}),
    ("A=80\nB=81\n", {"A": "80", "B": "81"}),
    ("A=1\nA=2", {"A": "2"}),
    ("# note\n\n  A=80  \n", {"A": "80"}),
    ("A=80 # note", {"A": "80"}),
    ("A=80#1", {"A": "80#1"}),
    ("A=#1", {"A": "#1"}),
    ("A='80 # 1' # note", {"A": "80 # 1"}),
    ('A="80 # 1"', {"A": "80 # 1"}),
    ("export A=80", {"A": "80"}),
    ("exported=80", {"exported": "80"}),
    ("A = 80", {"A": "80"}),
    ("A: 80", {"A": "80"}),
    ("A=", {"A": ""}),
    ("A=\nB=2", {"A": "", "B": "2"}),
    ("A=1\nB=$A", {"A": "1", "B": "1"}),
    ("A=1\nB='$A'", {"A": "1", "B": "$A"}),
    ('A=1\nB="${A}2"', {"A": "1", "B": "12"}),
    ("B=${A:-7}", {"B": "7"}),
    ("B=$BOTH", {"B": "shell"}),
    ("BOTH=file\nB=$BOTH", {"BOTH": "file", "B": "shell"}),
    ("SHELL\nNONE\n", {"SHELL": "s"}),
    ("A=$$B", {"A": "$B"}),
    ('A="\\$B"', {"A": "$B"}),
    ('A="a\\nb\\tc\\"d\\\\"', {"A": 'a\nb\tc"d\\'}),
    ("A='a\\nb\\'c'", {"A": "a\\nb'c"}),
    ('A="\\0101\\7"', {"A": "A\\7"}),
    ('A="two\nlines"\nB=1', {"A": "two\nlines", "B": "1"}),
    ("A=80\r\nB=81\r\n", {"A": "80", "B": "81"}),
    ("a.b-c[0]=1", {"a.b-c[0]": "1"}),
    ("", {}),
    ("# only a note", {}),
]


@pytest.mark.parametrize("text, variables", READS)
def test_variables_of(text, variables):
    assert variables_of(text, ".env", SHELL, {}) == variables


REFUSES = [
    ("A=1\nB C=2", ".env: line 2: 'B C' has a blank in the name of a variable"),
    ("A,B=1", ".env: line 1: 'A,B=' has ',' in the name of a variable"),
    ("A='80", '.env: line 1: "\'80" has a quote that is not closed'),
    ("A=${B", ".env: line 1: '${B' has a ${ that is not closed; $$ stands for a dollar sign"),
    ("A=1\n\nB=${C:?why}", ".env: line 3: '${C:?why}' needs variable C, which has no value: why"),
]


@pytest.mark.parametrize("text, message", REFUSES)
def test_refuses(text, message):
    with pytest.raises(ComposeError) as refusal:
        variables_of(text, ".env", SHELL, {})

    assert str(refusal.value) == message


def test_later_files_win_and_know_what_earlier_ones_set():
    assert variables_of("A=2\nC=$B", "two.env", {}, {"A": "1", "B": "1"}) == {"A": "2", "B": "1", "C": "1"}


def test_ansible_s_values_become_texts():
    assert lookup({"A": 80, "B": True, "C": None, "D": 1.5}) == {"A": "80", "B": "true", "C": "", "D": "1.5"}


@given(
    st.one_of(
        st.text(), st.lists(st.sampled_from([*"A B = : ' \" \\ \n # $A ${A} export é".split(" "), " "])).map("".join)
    )
)
def test_whatever_comes_is_read_or_refused(text):
    try:
        variables_of(text, ".env", SHELL, {})
    except ComposeError as refusal:
        assert str(refusal).startswith(".env: line ")
