# SPDX-License-Identifier: GPL-3.0-or-later
"""What netstat prints of sockets, in eight languages and six code pages."""

from __future__ import annotations

import contextlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import canonical
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.netstat import Row, rows
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.windows_recordings import (
    CODE_PAGES,
    DECODED,
    recorded,
)

SOCKETS = (
    Row("tcp", "0.0.0.0", 80, 4),
    Row("tcp", "0.0.0.0", 135, 1012),
    Row("tcp", "0.0.0.0", 445, 4),
    Row("tcp", "127.0.0.1", 8080, 7312),
    Row("tcp", "192.0.2.7", 139, 4),
    Row("tcp", "192.0.2.7", 49810, 5120, "198.51.100.9:443"),
    Row("tcp", "192.0.2.7", 49811, 0, "198.51.100.9:443"),
    Row("tcp", "::", 80, 4),
    Row("tcp", "::", 135, 1012),
    Row("tcp", "::1", 49700, 3344),
    Row("tcp", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1", 50001, 5120, "[2001:db8::9]:443"),
    Row("udp", "0.0.0.0", 5353, 2210),
    Row("udp", "192.0.2.7", 137, 4),
    Row("udp", "::", 5353, 2210),
    Row("udp", "fe80::1c2d:3e4f", 1900, 4120),
)
BOUND = Row("tcp", "0.0.0.0", 50400, 5120)


def without_words(found):
    return tuple(row._replace(state="") for row in found)


@pytest.mark.parametrize("language, encoding", DECODED)
def test_no_language_and_no_code_page_changes_a_socket(language, encoding):
    assert without_words(rows(recorded(language, "netstat-ano.bin", encoding))) == SOCKETS
    assert set(without_words(rows(recorded(language, "netstat-anoq.bin", encoding)))) == {*SOCKETS, BOUND}


@pytest.mark.parametrize(
    "language, words",
    [
        ("english", {"listening", "established", "time_wait", ""}),
        ("german", {"abhören", "hergestellt", "wartend", ""}),
    ],
)
def test_the_word_for_a_state_is_the_hosts(language, words):
    assert {row.state for row in rows(recorded(language, "netstat-ano.bin", CODE_PAGES[language]))} == words


@pytest.mark.parametrize(
    "text, why",
    [
        ("", "netstat printed nothing"),
        ("\r\n \r\n", "netstat printed nothing"),
        ("\r\nActive Connections\r\n", "netstat printed no sockets: 'Active Connections'"),
        ("  TCP  0.0.0.0:80  0.0.0.0:0  LISTENING\r\n",
         "netstat printed a row that is no socket: 'TCP 0.0.0.0:80 0.0.0.0:0 LISTENING'"),
        ("  TCP  0.0.0.0:99999  0.0.0.0:0  LISTENING  4\r\n",
         "netstat printed a row that is no socket: 'TCP 0.0.0.0:99999 0.0.0.0:0 LISTENING 4'"),
        ("  TCP  0.0.0:80  0.0.0.0:0  LISTENING  4\r\n",
         "netstat printed a row that is no socket: 'TCP 0.0.0:80 0.0.0.0:0 LISTENING 4'"),
        ("  SCTP  0.0.0.0:80  0.0.0.0:0  LISTENING  4\r\n",
         "netstat printed a row that is no socket: 'SCTP 0.0.0.0:80 0.0.0.0:0 LISTENING 4'"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_not_an_empty_one(text, why):
    with pytest.raises(Unseen) as caught:
        rows(text)

    assert caught.value.why == why


# A grammar of netstat's table: words of any script, columns as wide as they need to be.
words = st.text(st.characters(exclude_categories=("Nd", "Cs", "Z", "Cc")), min_size=1, max_size=12)
ports = st.integers(0, 65535)
ips = st.ip_addresses(v=4).map(str) | st.ip_addresses(v=6).map(str).filter(lambda ip: canonical(ip) == ip)
pids = st.integers(0, 2**32 - 1)
listeners = st.builds(Row, st.just("tcp"), ips, ports, pids, st.just(""), words.map(str.lower))
connections = st.builds(Row, st.just("tcp"), ips, ports, pids, st.just("192.0.2.9:443"), words.map(str.lower))
datagrams = st.builds(Row, st.just("udp"), ips, ports, pids, st.just(""), st.just(""))
tables = st.lists(listeners | connections | datagrams, min_size=1, max_size=15)


def printed(row: Row) -> str:
    local = f"[{row.ip}]:{row.port}" if ":" in row.ip else f"{row.ip}:{row.port}"
    nobody = "*:*" if row.protocol == "udp" else "[::]:0" if ":" in row.ip else "0.0.0.0:0"
    return f"  {row.protocol.upper():<6} {local:<22} {row.peer or nobody:<22} {row.state:<15} {row.pid}"


@given(words, words, tables, st.sampled_from(["\n", "\r\n", "\r\r\n"]))
def test_what_a_grammar_prints_is_read_back(title, heads, table, end):
    found = rows(end.join(["", title, "", f"  {heads} {heads}", *map(printed, table), ""]))

    assert without_words(found) == without_words(table)
    assert [row.state.strip() for row in found] == [row.state.lower().strip() for row in table]


@given(st.sampled_from(sorted(CODE_PAGES)), st.data())
def test_mangled_text_raises_nothing_else(language, data):
    text = recorded(language, "netstat-anoq.bin", CODE_PAGES[language])
    at, gone = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 40))
    noise = data.draw(st.text(st.sampled_from(string.printable + "\x00\udcff\u0663\uff11\u3000"), max_size=20))

    with contextlib.suppress(Unseen):
        rows(text[:at] + noise + text[at + gone :])


@given(st.text())
def test_any_text_raises_nothing_else(text):
    with contextlib.suppress(Unseen):
        rows(text)
