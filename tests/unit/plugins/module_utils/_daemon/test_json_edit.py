# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.json_edit import GONE, Change, edit
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.json_text import parse


def change(path, value=GONE):
    return Change(tuple(path.split("/")), value)


TWO = '{\n  "b": 1,\n  "a": [1, 2]\n}\n'
TABS = '{\n\t"b": {\n\t\t"x": "y"\n\t}\n}'
EDITS = [
    # before, change, after
    ("{}", change("a", True), '{\n  "a": true\n}'),
    ("{}\n", change("a/b", "c"), '{\n  "a": {\n    "b": "c"\n  }\n}\n'),
    (TWO, change("c", "x"), '{\n  "b": 1,\n  "a": [1, 2],\n  "c": "x"\n}\n'),
    (TWO, change("b", 2), '{\n  "b": 2,\n  "a": [1, 2]\n}\n'),
    (TWO, change("a", [1, 2, 3]), '{\n  "b": 1,\n  "a": [1, 2, 3]\n}\n'),
    (TWO, change("a", [3]), '{\n  "b": 1,\n  "a": [3]\n}\n'),
    (TWO, change("c", [1]), '{\n  "b": 1,\n  "a": [1, 2],\n  "c": [1]\n}\n'),
    (TWO, change("a"), '{\n  "b": 1\n}\n'),
    (TWO, change("b"), '{\n  "a": [1, 2]\n}\n'),
    (TWO, change("nothing"), TWO),
    (TWO, change("b/deeper"), TWO),
    (TWO, change("b/deeper", 1), '{\n  "b": {\n    "deeper": 1\n  },\n  "a": [1, 2]\n}\n'),
    ('{\n  "a": 1\n}\n', change("a"), "{}\n"),
    (TABS, change("b/z", 1), '{\n\t"b": {\n\t\t"x": "y",\n\t\t"z": 1\n\t}\n}'),
    (TABS, change("c", {"d": 1}), '{\n\t"b": {\n\t\t"x": "y"\n\t},\n\t"c": {\n\t\t"d": 1\n\t}\n}'),
    ('{"a":1,"b":[1]}', change("c", {"d": [2, 3]}), '{"a":1,"b":[1],"c":{"d":[2,3]}}'),
    ('{"a": 1, "b": 2}', change("c", [1, 2]), '{"a": 1, "b": 2, "c": [1, 2]}'),
    ('{ "a" : 1 }', change("c", 1), '{ "a" : 1, "c" : 1 }'),
    ('{\n  "o": {"x": 1}\n}\n', change("o/y", 2), '{\n  "o": {"x": 1, "y": 2}\n}\n'),
    (
        '{\r\n    "a": 1\r\n}\r\n',
        change("b", {"c": 1}),
        '{\r\n    "a": 1,\r\n    "b": {\r\n        "c": 1\r\n    }\r\n}\r\n',
    ),
    ('{\n  "a": [\n    "x"\n  ]\n}', change("a", ["x", "y"]), '{\n  "a": [\n    "x",\n    "y"\n  ]\n}'),
    (
        '{\n  "a": [\n    "x",\n    "z"\n  ]\n}',
        change("b", ["y"]),
        '{\n  "a": [\n    "x",\n    "z"\n  ],\n  "b": [\n    "y"\n  ]\n}',
    ),
    ('{\n  "a": "\\u00e4"\n}', change("b", "ä"), '{\n  "a": "\\u00e4",\n  "b": "ä"\n}'),
    ("{}", change("a", {}), '{\n  "a": {}\n}'),
]


@pytest.mark.parametrize("before, wanted, after", EDITS)
def test_edit(before, wanted, after):
    assert edit(before, [wanted]) == after


KEYS = st.sampled_from(["a", "b", "c", "com.docker", 'q"uote', "ä"])
SCALARS = st.booleans() | st.integers(-5, 5) | st.text(max_size=5)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)
CONFIGS = st.dictionaries(KEYS, VALUES, max_size=4)
LAYOUTS = st.sampled_from([{}, {"indent": 2}, {"indent": "\t"}, {"indent": 0}, {"separators": (",", ":")}])
PATHS = st.lists(KEYS, min_size=1, max_size=3).map(tuple)


def expected(config, path, value):
    """The same on plain data."""
    if len(path) > 1:
        inner = config.get(path[0])
        if value is GONE and not isinstance(inner, dict):
            return config
        return {**config, path[0]: expected(inner if isinstance(inner, dict) else {}, path[1:], value)}
    if value is GONE:
        return {key: one for key, one in config.items() if key != path[0]}
    return {**config, path[0]: value}


@given(CONFIGS, LAYOUTS, PATHS, VALUES | st.just(GONE))
def test_changes_what_is_named_and_nothing_else(config, layout, path, value):
    before = json.dumps(config, **layout)

    after = edit(before, [Change(path, value)])

    wanted = expected(config, path, value)
    assert json.loads(after) == wanted
    assert list(json.loads(after)) == list(wanted)  # the order of keys, too
    for old in parse(before).members:
        new = parse(after).member(old.key)
        if old.key != path[0] and new:
            assert after[new.start : new.node.end] == before[old.start : old.node.end]


@given(CONFIGS.filter(bool), LAYOUTS, VALUES)
def test_a_key_that_goes_again_leaves_no_trace(config, layout, value):
    before = json.dumps(config, **layout) + "\n"

    assert edit(edit(before, [Change(("new",), value)]), [Change(("new",), GONE)]) == before
