# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.json_text import JsonError, parse

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
LAYOUTS = st.sampled_from([{}, {"indent": 2}, {"indent": "\t"}, {"separators": (" ,", " :")}, {"ensure_ascii": False}])

WRONG = [
    # text                      message
    ("", "line 1, column 1: the text ends: expected a value"),
    ('{"a": 1', "line 1, column 8: the text ends: expected ',' or '}'"),
    ('{"a": 1}}', "line 1, column 9: expected the end, but found '}'"),
    ('{"a": 1} {}', "line 1, column 10: expected the end, but found '{}'"),
    ('{\n  "a": 1\n  "b": 2\n}', "line 3, column 3: expected ',' or '}', but found '\"b\": 2\\n}'"),
    ('{\n  "a": 1,\n}', "line 2, column 9: a comma before '}': JSON has none after the last one"),
    ('{"a": [1,]}', "line 1, column 9: a comma before ']': JSON has none after the last one"),
    ('{"a": [1 2]}', "line 1, column 10: expected ',' or ']', but found '2]}'"),
    ('{\n  // why\n  "a": 1\n}', "line 2, column 3: a comment: JSON has none, and no engine reads this file"),
    ('{"a": 1} # why', "line 1, column 10: a comment: JSON has none, and no engine reads this file"),
    ('{"a": /* why */ 1}', "line 1, column 7: a comment: JSON has none, and no engine reads this file"),
    ("{'a': 1}", "line 1, column 2: expected a key in double quotes, but found \"'a': 1}\""),
    ("{a: 1}", "line 1, column 2: expected a key in double quotes, but found 'a: 1}'"),
    ('{"a" 1}', "line 1, column 6: expected ':' after the key 'a', but found '1}'"),
    ('{"a": NaN}', "line 1, column 7: expected a value, but found 'NaN}'"),
    ('{"a": True}', "line 1, column 7: expected a value, but found 'True}'"),
    ('{"a": 01}', "line 1, column 8: expected ',' or '}', but found '1}'"),
    ('{"a": "b\n"}', "line 1, column 7: a string that does not end in its line, or has a wrong escape"),
    ('{"a": "\\x"}', "line 1, column 7: a string that does not end in its line, or has a wrong escape"),
    (
        '{"a": 1,\r\n "b": 2,\r\n "a": 3}',
        "line 3, column 2: the key 'a' a second time (first in line 1): remove one of the two",
    ),
    ('{"\\u0061": 1, "a": 2}', "line 1, column 15: the key 'a' a second time (first in line 1): remove one of the two"),
    ("[" * 102, "line 1, column 102: more than 100 objects and arrays within each other"),
]


@pytest.mark.parametrize("text, message", WRONG)
def test_says_where_text_is_no_json(text, message):
    with pytest.raises(JsonError) as raised:
        parse(text)

    assert str(raised.value) == message


@given(JSON, LAYOUTS)
def test_reads_what_json_reads(value, layout):
    text = json.dumps(value, **layout)

    assert parse(text).value == json.loads(text)


@given(JSON)
def test_knows_where_every_part_stands(value):
    text = " " + json.dumps(value, indent=1) + "\n"

    def check(node):
        assert json.loads(text[node.start : node.end]) == node.value
        for member in node.members:
            assert json.loads(text[member.start : member.end]) == member.key
        for child in [member.node for member in node.members] + list(node.items):
            check(child)

    check(parse(text))


@given(st.text(alphabet='{}[]",:0-9eE.\\ \ntrufalsn/*#'))
def test_never_takes_what_json_refuses(text):
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(JsonError):
            parse(text)
        return
    try:
        assert parse(text).value == expected
    except JsonError as exc:
        assert "a second time" in str(exc) or "NaN" in text or "Infinity" in text
