# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.ports import PortsError, parse, text

TEXTS = [
    ("", ""),
    ("\n", ""),
    ("8080", "8080"),
    ("8080,8081", "8080-8081"),
    ("30000-30100,8080", "8080,30000-30100"),
    ("1-3, 2-5\n7", "1-5,7"),
    ("0,65535", "0,65535"),
]
WRONG = ["x", "8080-", "-1", "90-80", "65536", "1-2-3", "8080/tcp"]


@pytest.mark.parametrize("given_text, merged", TEXTS)
def test_merged(given_text, merged):
    assert text(parse(given_text)) == merged


@pytest.mark.parametrize("word", WRONG)
def test_wrong(word):
    with pytest.raises(PortsError) as raised:
        parse(f"80,{word}", lowest=1)

    assert str(raised.value) == (
        f"{word!r} is not a port or a rising range of ports within 1-65535, such as 8080 or 30000-30100"
    )


@given(st.frozensets(st.integers(0, 65535), max_size=50))
def test_there_and_back(ports):
    assert parse(text(ports)) == ports
