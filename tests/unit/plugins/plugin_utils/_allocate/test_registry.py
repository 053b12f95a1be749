# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.plugin_utils._allocate.registry import (
    Registry,
    RegistryError,
    registry_of,
)

REGISTRY = Registry(
    {"web": {"yes": 443}, "api": {"shop/web": 3007, "blog/api": 3011}}, {"api": {"feature-x": (3020, 3029)}}
)
TEXT = """\
---
# Ports by band and name, as port_for of dockmaster.ports gave them out. An entry written by hand holds as well.
# One line a name, sorted. Take out a line, and its name gets a port anew. Comments are not kept.
ports:
  "api":
    "blog/api": 3011
    "shop/web": 3007
  "web":
    "yes": 443
blocks:
  "api":
    "feature-x": 3020-3029
"""


def test_it_is_one_line_a_name_and_sorted():
    assert REGISTRY.text() == TEXT
    assert registry_of(TEXT, "f") == REGISTRY


@pytest.mark.parametrize("text", ["", "---\n", "# nothing\n", "ports: {}\n", Registry().text(), "ports:\nblocks:\n"])
def test_an_empty_registry(text):
    assert registry_of(text, "f") == Registry()


NAMES = st.text(min_size=1).filter(str.isprintable)


@given(st.dictionaries(NAMES, st.dictionaries(NAMES, st.integers(1, 9), max_size=1), max_size=3))
def test_what_is_written_reads_the_same(ports):
    numbered = {band: dict.fromkeys(names, 1000 + place) for place, (band, names) in enumerate(ports.items())}

    assert registry_of(Registry(numbered).text(), "f") == Registry(numbered)


REFUSES = [
    ("[1]", "f: the registry: [1] is not a mapping"),
    ("port: {}", "f: 'port' is not a key of a registry: expected ports and blocks"),
    ("ports: [1]", "f: ports: [1] is not a mapping"),
    ("ports: {api: 1}", "f: ports: api: 1 is not a mapping"),
    ("ports: {1: {}}", "f: ports: 1 is not text: put it in quotes"),
    ("ports: {api: {a: 0}}", "f: ports: api: a: 0 is not a port within 1-65535"),
    ("ports: {api: {a: x}}", "f: ports: api: a: 'x' is not a port within 1-65535"),
    ("ports: {api: {a: true}}", "f: ports: api: a: True is not a port within 1-65535"),
    ("ports: {api: {a: 1, b: 1}}",
     "f: a of api and b of api both have port 1: take out one of the two lines, and its name gets another port"),
    ("ports: {api: {a: 1}, web: {a: 1}}",
     "f: a of api and a of web both have port 1: take out one of the two lines, and its name gets another port"),
    ("ports: {api: {a: 1}}\nblocks: {}\nports: {web: {b: 2}}",
     "f: line 3: 'ports' is there already at line 1: put the two together"),
    ("ports:\n  api: {a: 1}\n  web: {b: 2}\n  api: {c: 3}", "f: line 4: 'api' is there already at line 2: put the two together"),
    ("ports: {api: {a: 1, a: 2}}", "f: line 1: 'a' is there already at line 1: put the two together"),
    ("ports: {api: {a: 2026-02-30}}", "f: day is out of range for month"),
    ("ports: {api: {a: !!int x}}", "f: invalid literal for int() with base 10: 'x'"),
    ("ports: {? [a] : 1}", "f: line 1: found unhashable key"),
    ("blocks: {api: {a: 10-19, b: 20-29}, web: {c: 15-24}}",
     "f: blocks: a of api and c of web both have port 15: take out one of the two lines, and its stack gets another block"),
    ("blocks: {api: {a: 9-8}}", "f: blocks: api: '9-8' is not a rising range of ports within 1-65535: expected one such as 8000-8999"),
]  # fmt: skip


@pytest.mark.parametrize("text, message", REFUSES)
def test_refuses(text, message):
    with pytest.raises(RegistryError) as refusal:
        registry_of(text, "f")

    assert str(refusal.value) == message


def test_what_a_merge_left_is_told_by_its_line():
    with pytest.raises(RegistryError, match=r"^f: line 2: "):
        registry_of("<<<<<<< HEAD\nports:\n", "f")


def test_two_branches_that_each_add_a_name_merge_by_line(tmp_path):
    """Each adds one line, and the sorted union of their lines is the registry of both."""
    ours = Registry({"api": {**REGISTRY.ports["api"], "a/new": 3001}, "web": REGISTRY.ports["web"]}, REGISTRY.blocks)
    theirs = Registry({"api": {**REGISTRY.ports["api"], "z/new": 3002}, "web": REGISTRY.ports["web"]}, REGISTRY.blocks)

    added = [set(one.text().splitlines()) - set(TEXT.splitlines()) for one in (ours, theirs)]

    assert added == [{'    "a/new": 3001'}, {'    "z/new": 3002'}]
    assert textwrap.dedent(TEXT) == TEXT
