# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import ports
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.ports import Ports, PortsError

PARSED = [
    ("5432", Ports("tcp", 5432, 5432), "5432/tcp"),
    (5432, Ports("tcp", 5432, 5432), "5432/tcp"),
    (" 5432/TCP ", Ports("tcp", 5432, 5432), "5432/tcp"),
    ("53/udp", Ports("udp", 53, 53), "53/udp"),
    ("8000-8010/sctp", Ports("sctp", 8000, 8010), "8000-8010/sctp"),
    ("all", Ports("", 1, 65535), "all"),
    ("all/udp", Ports("udp", 1, 65535), "all/udp"),
    ("1-65535", Ports("tcp", 1, 65535), "all/tcp"),
]

FORM = "is not a published port: expected a port or a rising range within 1-65535, such as 5432, 8000-8010/tcp or 53/udp, or all"
REFUSED = [
    ("0", f"'0' {FORM}"),
    ("0/udp", f"'0/udp' {FORM}"),
    ("65536", f"'65536' {FORM}"),
    ("80-70", f"'80-70' {FORM}"),
    ("80-", f"'80-' {FORM}"),
    ("http", f"'http' {FORM}"),
    ("", f"'' {FORM}"),
    ("127.0.0.1:80", f"'127.0.0.1:80' {FORM}"),
    ("80/icmp", "'80/icmp' names no protocol that has ports: expected one of tcp, udp, sctp"),
    ("all/esp", "'all/esp' names no protocol that has ports: expected one of tcp, udp, sctp"),
    ("80/", "'80/' names no protocol that has ports: expected one of tcp, udp, sctp"),
]

MERGED = [
    (["80", "443", "443/udp"], ["80/tcp", "443/tcp", "443/udp"]),
    (["8001", "8000", "8002-8010"], ["8000-8010/tcp"]),
    (["80-90", "85"], ["80-90/tcp"]),
    (["80", "all", "53/udp"], ["all"]),
    (["all/tcp", "80", "53/udp"], ["all/tcp", "53/udp"]),
]


@pytest.mark.parametrize("text, expected, printed", PARSED)
def test_parse(text, expected, printed):
    assert ports.parse(text) == expected
    assert str(expected) == printed
    assert ports.parse(printed) == expected


@pytest.mark.parametrize("text, message", REFUSED)
def test_refused(text, message):
    with pytest.raises(PortsError, match=f"^{re.escape(message)}$"):
        ports.parse(text)


@given(st.text(max_size=20))
def test_any_text_is_parsed_or_refused(text):
    try:
        found = ports.parse(text)
    except PortsError:
        return
    assert 1 <= found.first <= found.last <= 65535


@pytest.mark.parametrize("texts, expected", MERGED)
def test_merge(texts, expected):
    assert [str(one) for one in ports.merge(map(ports.parse, texts))] == expected


@pytest.mark.parametrize(
    "wide, narrow, covered",
    [
        ("all", "53/udp", True),
        ("all/tcp", "53/udp", False),
        ("80-90", "85", True),
        ("85", "80-90", False),
        ("80", "all", False),
    ],
)
def test_covers(wide, narrow, covered):
    assert ports.parse(wide).covers(ports.parse(narrow)) is covered
