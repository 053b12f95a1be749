# SPDX-License-Identifier: GPL-3.0-or-later
"""Text of any code page becomes text, and names keep their letters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows.pages import decoded


@pytest.mark.parametrize(
    "page, text",
    [
        (437, "Protocol"), (850, "Anschlüsse"), (850, "Plages exclues à l'appel"), (866, "Протокол"),
        (932, "ポート"), (936, "协议端口"), (949, "프로토콜"), (1252, "é"),
    ],
)  # fmt: skip
def test_the_hosts_own_page(page, text):
    assert decoded(text.encode(f"cp{page}"), page) == text


@pytest.mark.parametrize("page", [437, 932, 65001])
def test_utf_8_is_seen_as_such(page):
    assert decoded("\ufeffÄnderung".encode(), page) == "Änderung"


@pytest.mark.parametrize("page, shown", [(949, "a\\xff"), (65001, "a\\xff"), (28598, "a\\xff")])
def test_a_byte_that_is_none_is_shown(page, shown):
    assert decoded(b"a\xff", page) == shown


@given(st.binary(), st.sampled_from([0, 437, 850, 866, 932, 936, 949, 1252, 65001, 99999]))
def test_nothing_cannot_be_read(data, page):
    decoded(data, page).encode()
