# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose import yaml_nodes
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.problem import ComposeError
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.yaml_tree import documents

READS = [
    # text, data of each document
    ("a: 22:22", [{"a": "22:22"}]),
    ("a: [22:22, 80, '80', \"80\"]", [{"a": ["22:22", 80, "80", "80"]}]),
    ("a: !!str 80", [{"a": "80"}]),
    ("a: !!int '80'", [{"a": 80}]),
    ("a: !vault 80", [{"a": 80}]),
    ("a: |\n  80\n", [{"a": "80\n"}]),
    ("a: &x [1]\nb: *x", [{"a": [1], "b": [1]}]),
    ("a: &x 1\nb: &x 2\nc: *x", [{"a": 1, "b": 2, "c": 2}]),
    ("x: &x {a: 1, b: 1}\ny:\n  b: 2\n  <<: *x", [{"x": {"a": 1, "b": 1}, "y": {"a": 1, "b": 2}}]),
    (
        "x: &x {a: 1}\nz: &z {a: 2, b: 2}\ny:\n  <<: [*x, *z]",
        [{"x": {"a": 1}, "z": {"a": 2, "b": 2}, "y": {"a": 1, "b": 2}}],
    ),
    ("a: 1\n---\nb: 2\n---\n", [{"a": 1}, {"b": 2}]),
    ("", []),
    ("# note", []),
    ("'80': 1", [{"80": 1}]),
]


@pytest.mark.parametrize("loader", [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)])
@pytest.mark.parametrize("text, data", READS)
def test_documents(text, data, loader, monkeypatch):
    monkeypatch.setattr(yaml_nodes, "_LOADER", loader)

    assert [one.data for one in documents(text, "f")] == data


RESETS = [
    ("services:\n  web:\n    ports: !reset []", {"services": {"web": {}}}, [("services", "web", "ports")]),
    (
        "services:\n  web:\n    ports: !override ['1:1']",
        {"services": {"web": {"ports": ["1:1"]}}},
        [("services", "web", "ports")],
    ),
    ("services:\n  web: !reset null", {"services": {}}, [("services", "web")]),
    ("a: [1, !reset 2, 3]", {"a": [1, 3]}, []),
    ("x: &x {p: !reset []}\na:\n  <<: *x", {"x": {}, "a": {}}, [("x", "p")]),
    ("x: &x {p: !override [1]}\na:\n  <<: *x", {"x": {"p": [1]}, "a": {"p": [1]}}, [("x", "p"), ("a", "p")]),
    ("x: &x !reset []\na: {p: *x}\nb: *x", {"a": {}}, [("x",), ("a", "p"), ("b",)]),
    ("x: &x !override [1]\na: *x", {"x": [1], "a": [1]}, [("x",), ("a",)]),
]


@pytest.mark.parametrize("text, data, resets", RESETS)
def test_resets(text, data, resets):
    [document] = documents(text, "f")

    assert document.data == data
    assert list(document.resets) == resets


REFUSES = [
    ("a: 1\na: 2", "f: line 2: key 'a' is there already at line 1"),
    ("services:\n  1: {}", "f: line 2: key 1 in services is not text: put it in quotes"),
    ("true: 1", "f: line 1: key True is not text: put it in quotes"),
    ("a: *x", "f: line 1: no anchor has the name 'x'"),
    ("a: &x [*x]", "f: line 1: an anchor contains an alias of itself"),
    ("a:\n\t- 1", "f: line 2: found character that cannot start any token"),
    ("a:\n  <<: 1", "f: line 2: << takes a mapping, or a list of mappings"),
    ("a: " + "[" * 101, "f: line 1: nested deeper than 100 levels"),
]


@pytest.mark.parametrize("text, message", REFUSES)
def test_refuses(text, message):
    with pytest.raises(ComposeError) as refusal:
        documents(text, "f")

    assert str(refusal.value).partition(" '\\t'")[0] == message


def test_a_few_lines_cannot_stand_for_billions():
    text = "a0: &a0 [x, x]\n" + "\n".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60))

    with pytest.raises(ComposeError, match=r"^f: line [0-9]+: more than 200000 values, most of them by aliases$"):
        documents(text, "f")


def test_a_chain_of_anchors_is_not_followed_for_ever():
    text = "a0: &a0 [x]\n" + "\n".join(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 2000))

    with pytest.raises(ComposeError, match=r"^f: line [0-9]+: nested deeper than 100 levels$"):
        documents(text, "f")


PIECES = [
    "a",
    ": ",
    ":",
    "\n",
    "  ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "&x ",
    "*x",
    "<<",
    "!reset ",
    "!override ",
    "'",
    '"',
    "80",
    "#",
    "|",
    "---\n",
    "? ",
]


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=30).map("".join)))
def test_whatever_text_comes_is_read_or_refused(text):
    try:
        documents(text, "f")
    except ComposeError as refusal:
        assert str(refusal).startswith("f: ")
