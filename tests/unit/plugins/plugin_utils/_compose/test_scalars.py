# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.scalars import value_of

VALUES = [
    ("22:22", "22:22"),
    ("53:53", "53:53"),
    ("10:20:30", "10:20:30"),
    ("8000-8010", "8000-8010"),
    ("8080", 8080),
    ("+80", 80),
    ("-1", -1),
    ("0", 0),
    ("1_000", 1000),
    ("0123", 83),
    ("0o17", 15),
    ("0x1F", 31),
    ("0b11", 3),
    ("08", 8.0),
    ("80.0", 80.0),
    ("1e3", 1000.0),
    (".5", 0.5),
    ("18446744073709551615", 18446744073709551615),
    ("18446744073709551616", 18446744073709551616.0),
    ("yes", "yes"),
    ("on", "on"),
    ("y", "y"),
    ("true", True),
    ("False", False),
    ("", None),
    ("~", None),
    ("null", None),
    ("NULL", None),
    (".inf", math.inf),
    ("-", "-"),
    ("80/tcp", "80/tcp"),
    ("2001-12-14", "2001-12-14"),
]


@pytest.mark.parametrize("text, value", VALUES)
def test_value_of(text, value):
    assert value_of(text) == value
    assert type(value_of(text)) is type(value)


@given(st.one_of(st.text(), st.text("0123456789abxob._+-eE", max_size=90)))
def test_any_text_is_something(text):
    value_of(text)
