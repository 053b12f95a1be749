# SPDX-License-Identifier: GPL-3.0-or-later
"""Text of any code page becomes text, and names keep their letters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._probes.netsh import (
    DynamicRange,
    dynamic_range,
    excluded_ranges,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.netstat import rows
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.tasklist import Task, tasks
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.visible import visible
from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows.pages import decoded
from ansible_collections.dockmaster.ports.tests.integration.windows.excluded_ports import Row
from ansible_collections.dockmaster.ports.tests.integration.windows.programs import netsh, netstat, tasklist
from ansible_collections.dockmaster.ports.tests.integration.windows.range_words import WORDS as RANGE_WORDS
from ansible_collections.dockmaster.ports.tests.integration.windows.words import PAGES


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
    assert visible(decoded(b"a\xff", page)) == shown


@given(st.binary(), st.sampled_from([0, 437, 850, 866, 932, 936, 949, 1252, 65001, 99999]))
def test_nothing_cannot_be_read(data, page):
    visible(decoded(data, page)).encode()


ASKED = [437, 720, 850, 866, 874, 932, 936, 949, 950, 1258, 65001, 708]  # Python has no 708


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("language", PAGES)
def test_what_counts_is_read_also_where_the_text_is_in_another_page(language, asked):
    """As where a program does not ask for the console's page, or that of the system was changed."""
    state = {
        "language": language,
        "sockets": [{"protocol": "tcp", "ip": "0.0.0.0", "port": 80, "pid": 4, "state": "time_wait"}],
        "processes": [{"pid": 0, "name": "System Idle Process"}],
    }

    def read(text):
        return decoded(text.replace("\n", "\r\n").encode(f"cp{PAGES[language]}", "replace"), asked)

    table = read(netsh.excluded_table(RANGE_WORDS[language], "tcp", [Row(80, 80, "http"), Row(50000, 50059)]))
    assert excluded_ranges(table) == ((80, 80, False), (50000, 50059, True))
    assert dynamic_range(read(netsh.show_dynamic(state, "ipv4", "tcp", {}))) == DynamicRange(49152, 16384)
    assert [one[:4] for one in rows(read(netstat.table(state, False)))] == [("tcp", "0.0.0.0", 80, 4)]
    assert tasks(read(tasklist.table(state))) == {0: Task("System Idle Process")}
