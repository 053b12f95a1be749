# SPDX-License-Identifier: GPL-3.0-or-later
"""What netsh prints of excluded and dynamic ports, in eight languages and six code pages."""

from __future__ import annotations

import contextlib
import pathlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.netsh import (
    DynamicRange,
    Excluded,
    dynamic_range,
    excluded_ranges,
)

WINDOWS = pathlib.Path(__file__).parents[3] / "recordings" / "windows"
CODE_PAGES = {
    "english": "cp437",
    "german": "cp850",
    "french": "cp850",
    "spanish": "cp850",
    "russian": "cp866",
    "japanese": "cp932",
    "chinese": "cp936",
    "korean": "cp949",
}
DECODED = list(CODE_PAGES.items())
DECODED += [(language, wrong) for language in CODE_PAGES for wrong in ("ascii", "utf-8", "latin-1", "cp1252")]

TCP = (
    Excluded(1433, 1532, False),
    Excluded(2869, 2869, False),
    Excluded(5357, 5357, False),
    Excluded(8037, 8136, False),
    Excluded(8137, 8236, False),
    Excluded(50000, 50059, True),
)
DYNAMIC = {"german": DynamicRange(1024, 64511), "korean": DynamicRange(1024, 13977)}
ENGLISH = "\r\nProtocol tcp Port Exclusion Ranges\r\n\r\nStart Port    End Port\r\n----------    --------\r\n"


def recorded(language: str, name: str, encoding: str) -> str:
    return (WINDOWS / language / name).read_bytes().decode(encoding, "surrogateescape")


def test_every_language_is_recorded():
    assert {path.parent.name for path in WINDOWS.glob("*/netsh-*")} == set(CODE_PAGES)


@pytest.mark.parametrize("language, encoding", DECODED)
def test_excluded_ranges(language, encoding):
    assert excluded_ranges(recorded(language, "netsh-excludedportrange-tcp.bin", encoding)) == TCP
    assert excluded_ranges(recorded(language, "netsh-excludedportrange-udp.bin", encoding)) == TCP[-1:]


@pytest.mark.parametrize("language, encoding", DECODED)
def test_dynamic_range(language, encoding):
    wanted = DYNAMIC.get(language, DynamicRange(49152, 16384))

    assert dynamic_range(recorded(language, "netsh-dynamicport-tcp.bin", encoding)) == wanted


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r\r\n"])
@pytest.mark.parametrize("language", sorted(CODE_PAGES))
def test_line_ends_of_terminals_and_of_wsl(language, end):
    for name, parse in (
        ("netsh-excludedportrange-tcp.bin", excluded_ranges),
        ("netsh-dynamicport-tcp.bin", dynamic_range),
    ):
        text = recorded(language, name, CODE_PAGES[language])

        assert parse(text.replace("\r\n", end)) == parse(text)


def test_a_table_without_rows_is_no_exclusion():
    assert excluded_ranges(ENGLISH + "\r\n* - Administered port exclusions.\r\n") == ()
    assert excluded_ranges(ENGLISH) == ()


def test_the_end_of_a_dynamic_range():
    assert DynamicRange(49152, 16384).last == 65535


UNREAD = [
    ("", "netsh printed nothing"),
    ("\r\n \r\n", "netsh printed nothing"),
    (
        "The following command was not found: interface ipv4 show excludedportrange.\r\n",
        "netsh printed no table: 'The following command was not found: interface ipv4 show excludedportrange.'",
    ),
    (
        ENGLISH + "      8080        8089\r\n      8090\r\n",
        "netsh printed a row that is no range of ports within 1-65535: '8090'",
    ),
    (
        ENGLISH + "      8089        8080\r\n",
        "netsh printed a row that is no range of ports within 1-65535: '8089 8080'",
    ),
    (
        ENGLISH + "     65000       65536\r\n",
        "netsh printed a row that is no range of ports within 1-65535: '65000 65536'",
    ),
    (
        ENGLISH + "\u00e9     8080       8089\r\n",
        "netsh printed a row that is no range of ports within 1-65535: '\\xe9 8080 8089'",
    ),
]


@pytest.mark.parametrize("text, message", UNREAD)
def test_what_is_no_table_is_never_an_empty_one(text, message):
    with pytest.raises(Unseen) as caught:
        excluded_ranges(text)

    assert str(caught.value) == message


UNREAD_RANGES = [
    ("", "netsh printed nothing"),
    ("Access is denied.\r\n", "netsh printed no table: 'Access is denied.'"),
    ("----\r\nA : 49152\r\n", "netsh printed no start and number of ports within 1-65535: '---- A : 49152'"),
    (
        "----\r\nA : 49152\r\nB : 16385\r\n",
        "netsh printed no start and number of ports within 1-65535: '---- A : 49152 B : 16385'",
    ),
    ("----\nA : 0\nB : 5\n", "netsh printed no start and number of ports within 1-65535: '---- A : 0 B : 5'"),
    ("----\nA : 9\nB : 0\n", "netsh printed no start and number of ports within 1-65535: '---- A : 9 B : 0'"),
]


@pytest.mark.parametrize("text, message", UNREAD_RANGES)
def test_what_is_no_dynamic_range(text, message):
    with pytest.raises(Unseen) as caught:
        dynamic_range(text)

    assert str(caught.value) == message


# A grammar of netsh's tables: words of any script, rows as wide as Windows prints them.
words = st.text(
    st.characters(exclude_categories=("Nd", "Cs", "Zl", "Zp", "Cc"), exclude_characters="-*:\r\n"), max_size=30
)
ends = st.sampled_from(["\n", "\r\n", "\r\r\n"])
ports = st.integers(1, 65535)
rows = st.lists(
    st.tuples(ports, ports, st.booleans()).map(lambda row: Excluded(min(row[:2]), max(row[:2]), row[2])), max_size=20
)


def printed(row: Excluded) -> str:
    return f"{row.first:10}  {row.last:10}  " + ("   *" if row.administered else "    ")


@given(words, words, words, st.sampled_from(["----------    --------      ", "-----  -----"]), rows, ends)
def test_what_a_grammar_prints_is_read_back(title, heads, foot, rule, table, end):
    text = end.join(["", title, "", heads, rule, *map(printed, table), "", "* - " + foot, ""])

    assert excluded_ranges(text) == tuple(table)


@given(words, words, words, ports, ports, ends)
def test_a_dynamic_range_is_read_back(title, start_words, count_words, start, count, end):
    count = min(count, 65536 - start)
    lines = ["", title, "-" * 33, f"{start_words:16}: {start}", f"{count_words:16}: {count}", "", ""]

    assert dynamic_range(end.join(lines)) == DynamicRange(start, count)


RECORDED = st.sampled_from(sorted(CODE_PAGES)).flatmap(
    lambda language: st.sampled_from(["netsh-excludedportrange-tcp.bin", "netsh-dynamicport-tcp.bin"]).map(
        lambda name: recorded(language, name, CODE_PAGES[language])
    )
)


@given(RECORDED, st.data())
def test_mangled_text_raises_nothing_else(text, data):
    at = data.draw(st.integers(0, len(text)))
    gone = data.draw(st.integers(0, 40))
    noise = data.draw(st.text(st.sampled_from(string.printable + "\x00\udcff\u0663\uff11\u3000"), max_size=20))

    for parse in (excluded_ranges, dynamic_range):
        with contextlib.suppress(Unseen):
            parse(text[:at] + noise + text[at + gone :])


@given(st.text())
def test_any_text_raises_nothing_else(text):
    for parse in (excluded_ranges, dynamic_range):
        with contextlib.suppress(Unseen):
            parse(text)


@given(rows.filter(bool), st.data())
def test_a_table_that_was_cut_in_a_row_is_refused_or_read_whole(table, data):
    """Cut at a line's end it cannot be told from a shorter table. Within a row's first number it is refused."""
    lines = [ENGLISH.rstrip(), *map(printed, table)]
    kept = data.draw(st.integers(1, len(table)))
    text = "\r\n".join(lines[: kept + 1])
    cut = text[: text.rindex("  ", 0, len(text.rstrip(" *"))) - 3].rstrip()

    with pytest.raises(Unseen):
        excluded_ranges(cut)
