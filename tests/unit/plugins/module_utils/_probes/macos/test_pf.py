# SPDX-License-Identifier: GPL-3.0-or-later
"""Sections `nat` and `firewall` of a Mac."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import Firewall, NatRule
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.macos import pf
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.macos.macos_words import Mac

REQUEST = Request(sections=("nat", "firewall"), system="Darwin")
CLOSED = Firewall(ip_forward=False, ip6_forward=False)
INFO, RULES = " ".join(pf.STATUS), " ".join(pf.RULES)


def gather(host=None):
    blind = []
    return pf.probe(host or Mac(), REQUEST, Evidence(), blind), blind


def rule(**more):
    usual = {
        "backend": "pf",
        "family": "ip",
        "table": "nat",
        "chain": "rdr",
        "action": "dnat",
        "hooks": ("prerouting",),
    }
    return NatRule(**{**usual, "position": 1, **more})


def test_redirections_of_every_anchor():
    found, blind = gather()

    assert (found["firewall"], blind) == (CLOSED, [])
    first, second = found["nat"]
    assert first == rule(
        position=6,
        text="rdr pass on lo0 inet proto tcp from any to any port = 80 -> 127.0.0.1 port 8080",
        protocol="tcp",
        first=80,
        last=80,
        in_interface="lo0",
        to_ip="127.0.0.1",
        to_first=8080,
        to_last=8080,
    )
    assert (second.family, second.protocol, second.ip, second.first, second.last) == (
        "ip6",
        "udp",
        "2001:db8::23",
        500,
        510,
    )
    assert second.in_interface == ""
    assert (second.to_ip, second.to_first, second.condition) == ("::1", 5500, "from 2001:db8:2::/48 on ! en0")


def test_a_filter_that_is_off_diverts_nothing_and_is_not_asked_for_rules():
    host = Mac(runs={INFO: (0, "Status: Disabled for 1 days 02:00:00     Debug: Urgent\n", "")})

    assert gather(host) == ({"firewall": CLOSED, "nat": ()}, [])
    assert RULES not in host.called


def test_only_root_may_ask():
    found, blind = gather(Mac(user=501))

    assert found == {"firewall": CLOSED}
    assert blind == [Blind("nat", "pfctl: /dev/pf: Permission denied", "gather with become: true")]


@pytest.mark.parametrize(
    "answer, why",
    [
        (None, "pfctl is not installed"),
        ((0, "", ""), "pfctl does not tell whether pf is enabled"),
        ((2, "", ""), "pfctl: exit status 2"),
    ],
)
def test_what_pf_does_not_tell_is_not_seen(answer, why):
    found, blind = gather(Mac(runs={INFO: answer}))

    assert ("nat" in found, [(one.section, one.why) for one in blind]) == (False, [("nat", why)])


@pytest.mark.parametrize(
    "text",
    [
        "rdr on en0 inet proto tcp from any to any port = http -> 10.0.0.5",
        "rdr on en0 inet proto tcp from any to any port > 1024 -> 10.0.0.5",
        "rdr on en0 inet proto 47 from any to any -> 10.0.0.5",
        "rdr nonsense",
    ],
)
def test_a_rule_that_is_not_understood_may_hide_a_holder(text):
    found, blind = gather(Mac(runs={RULES: (0, f"  {text}\n", "")}))

    assert found["nat"] == ()
    assert blind == [Blind("nat", f"not understood: {text!r}", part="a rule of pf that redirects", hides=True)]


FORMS = [
    ("rdr inet from any to 10.0.0.5 -> 10.0.0.9", {"ip": "10.0.0.5", "to_ip": "10.0.0.9"}),
    ("rdr all -> 10.0.0.9", {"family": "inet", "to_ip": "10.0.0.9"}),
    ("rdr log (to pflog0) on en0 inet proto udp from any to any port 53 -> 10.0.0.9 port 5353",
     {"protocol": "udp", "first": 53, "last": 53, "in_interface": "en0", "to_ip": "10.0.0.9", "to_first": 5353,
      "to_last": 5353}),
    ("rdr inet proto tcp from any to (en0) port = 80 -> (utun4) port 81:*",
     {"protocol": "tcp", "first": 80, "last": 80, "condition": "to (en0)", "to_first": 81, "to_last": 81}),
    ("rdr inet proto tcp from any port 1:9 to 10.0.0.0/8 port = 80 -> { 10.0.0.1, 10.0.0.2 } round-robin",
     {"protocol": "tcp", "first": 80, "last": 80, "condition": "from any port 1:9 to 10.0.0.0/8"}),
]  # fmt: skip


@pytest.mark.parametrize("text, expected", FORMS)
def test_parse_rdr(text, expected):
    assert pf.parse_rdr(text) == rule(text=text, **expected)


ports = st.tuples(st.integers(1, 65535), st.integers(1, 65535)).map(sorted)


@given(
    st.sampled_from(["", "lo0", "en0"]),
    st.sampled_from(["tcp", "udp"]),
    st.ip_addresses(v=4).map(str),
    ports,
    st.ip_addresses(v=4).map(str),
    st.integers(1, 65535),
)
def test_what_is_printed_is_read_back(interface, protocol, ip, asked, to_ip, to_port):
    on = f" on {interface}" if interface else ""
    span = f"= {asked[0]}" if asked[0] == asked[1] else f"{asked[0]}:{asked[1]}"
    text = f"rdr pass{on} inet proto {protocol} from any to {ip} port {span} -> {to_ip} port {to_port}"

    found = pf.parse_rdr(text)

    assert (found.in_interface, found.protocol, found.ip, [found.first, found.last]) == (interface, protocol, ip, asked)
    assert (found.to_ip, found.to_first, found.text) == (to_ip, to_port, text)


@given(st.text(st.sampled_from("rdr pson lo0iet6 from any to -> port = 0123456789:.{}()\udcff\u0661"), max_size=80))
def test_no_text_is_a_crash(text):
    with contextlib.suppress(ValueError):
        pf.parse_rdr(text)
