# SPDX-License-Identifier: GPL-3.0-or-later
"""Bindings: their text, and where two of them meet."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import Binding, BindingError, canonical

binding = Binding.parse

MEETS = [
    # one               other              what both would hold
    ("0.0.0.0:80", "127.0.0.1:80", "127.0.0.1:80"),
    ("*:80", "[::1]:80", "[::1]:80"),
    ("*:80", "0.0.0.0:80", "0.0.0.0:80"),
    ("*:80", "[::]:80", "[::]:80"),
    ("0.0.0.0:80", "[::]:80", None),  # Docker binds [::] v6only, beside 0.0.0.0
    ("127.0.0.1:80", "[::1]:80", None),
    ("127.0.0.1:80", "127.0.0.2:80", None),
    ("*:80", "*:80/udp", None),
    ("*:8000-8010", "*:8010-8020", "*:8010"),
    ("*:8000-8010", "127.0.0.1:8005", "127.0.0.1:8005"),
    ("*:8000-8010", "*:8011-8020", None),
]

TEXTS = st.builds(
    lambda ip, protocol, ports: Binding(ip, protocol, min(ports), max(ports)),
    st.one_of(st.just("*"), st.ip_addresses().map(lambda ip: canonical(str(ip)))),
    st.sampled_from(["tcp", "udp", "sctp"]),
    st.tuples(st.integers(1, 65535), st.integers(1, 65535)),
)


@pytest.mark.parametrize("one, other, both", MEETS)
def test_meet(one, other, both):
    assert binding(one).meet(binding(other)) == (binding(both) if both else None)


def test_a_port_that_is_not_chosen_yet_meets_nothing():
    assert Binding("*", "tcp", 0, 0).meet(Binding("*", "tcp", 0, 0)) is None


@pytest.mark.parametrize("one, other", list(itertools.combinations(sorted({b for row in MEETS for b in row[:2]}), 2)))
def test_meet_does_not_care_for_order(one, other):
    assert binding(one).meet(binding(other)) == binding(other).meet(binding(one))


@given(TEXTS, TEXTS)
def test_both_cover_what_they_hold_together(one, other):
    both = one.meet(other)

    assert both is None or (one.covers(both) and other.covers(both))


@given(TEXTS)
def test_text_is_read_back(one):
    assert binding(str(one)) == one


@pytest.mark.parametrize(
    "text, message",
    [
        ("80", "'80' is not a binding: expected IP:PORT[-PORT][/PROTOCOL], such as 0.0.0.0:8080/tcp"),
        ("*:80/icmp", "'*:80/icmp' has protocol 'icmp': expected tcp, udp or sctp, such as 0.0.0.0:8080/tcp"),
        ("*:0", "'*:0' is not a port or a rising range of ports within 1-65535, such as 8080 or 8000-8010"),
        ("*:90-80", "'*:90-80' is not a port or a rising range of ports within 1-65535, such as 8080 or 8000-8010"),
        ("*:65536", "'*:65536' is not a port or a rising range of ports within 1-65535, such as 8080 or 8000-8010"),
        ("web:80", "'web' is not an IP address: expected one such as 127.0.0.1 or ::1"),
    ],
)
def test_says_what_is_wrong(text, message):
    with pytest.raises(BindingError) as caught:
        binding(text)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    "ip, text",
    [("::FFFF:127.0.0.1", "127.0.0.1"), ("0:0::1", "::1"), ("*", "*"), ("2001:DB8::", "2001:db8::")],
)
def test_canonical(ip, text):
    assert canonical(ip) == text
