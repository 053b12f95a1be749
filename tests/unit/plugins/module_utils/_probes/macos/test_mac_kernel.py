# SPDX-License-Identifier: GPL-3.0-or-later
"""Sections `kernel` and `platform` of a Mac."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Address, Kernel, Platform
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.macos import kernel, platform
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.macos.macos_words import Mac

REQUEST = Request(sections=("kernel", "platform"), system="Darwin")
SYSCTL = " ".join(kernel.SETTINGS)
PART = "the ports that connections are given"


def gather(host=None):
    blind = []
    return kernel.probe(host or Mac(), REQUEST, Evidence(), blind)["kernel"], blind


def test_a_mac():
    assert gather() == (
        Kernel(
            release="23.5.0",
            port_range=(49152, 65535),
            ipv6=True,
            addresses=(
                Address("127.0.0.1", 8, "lo0"),
                Address("::1", 128, "lo0"),
                Address("fe80::1", 64, "lo0"),
                Address("fe80::1c2d:3e4f:5a6b:7c8d", 64, "en0"),
                Address("2001:db8::23", 64, "en0"),
                Address("192.168.1.23", 24, "en0"),
                Address("10.8.0.2", 32, "utun4"),
            ),
        ),
        [],
    )


def test_a_mac_says_what_it_is():
    assert platform.probe(Mac(), REQUEST, Evidence(), [])["platform"] == Platform(
        system="Darwin",
        distribution="macos",
        version="14.5",
        release="23.5.0",
        hostname="anna-mbp.local",
        service_manager="launchd",
    )


def test_what_has_no_sw_vers_is_no_mac():
    with pytest.raises(Unseen):
        platform.probe(ReplayHost({}), REQUEST, Evidence(), [])


@pytest.mark.parametrize(
    "printed, expected",
    [
        ("net.inet.ip.portrange.first: 49152\nnet.inet.ip.portrange.last: 65535\n", (49152, 65535)),
        ("net.inet.ip.portrange.first: 60000\nnet.inet.ip.portrange.last: 50000\n", (50000, 60000)),
        ("net.inet.ip.portrange.first: 0\nnet.inet.ip.portrange.last: 50000\n", ()),
        ("net.inet.ip.portrange.first: 49152\n", ()),
        ("", ()),
    ],
)
def test_port_range(printed, expected):
    told, blind = gather(Mac(runs={SYSCTL: (0, printed, "")}))

    assert told.port_range == expected
    assert blind == ([] if expected else [Blind("kernel", "sysctl does not tell net.inet.ip.portrange", part=PART)])


@pytest.mark.parametrize(
    "answer, why", [((0, "", ""), "ifconfig: nothing was printed"), ((1, "", "no\n"), "ifconfig: no")]
)
def test_nothing_is_seen_without_addresses(answer, why):
    with pytest.raises(Unseen) as caught:
        gather(Mac(runs={"ifconfig -a": answer}))

    assert caught.value.why == why


def test_a_mac_without_ipv6():
    lo0 = "lo0: flags=8049<UP,LOOPBACK> mtu 16384\n\tinet 127.0.0.1 netmask 0xff000000\n"

    assert gather(Mac(runs={"ifconfig -a": (0, lo0, "")}))[0].ipv6 is False


interfaces = st.from_regex(r"[a-z]{2,5}[0-9]{1,2}", fullmatch=True)
v4 = st.tuples(st.ip_addresses(v=4).map(str), st.integers(0, 32))
v6 = st.tuples(st.ip_addresses(v=6).map(str), st.integers(0, 128))


@given(st.dictionaries(interfaces, st.lists(v4 | v6, max_size=4), max_size=4))
def test_what_is_printed_is_read_back(some):
    lines = []
    for name, addresses in some.items():
        lines.append(f"{name}: flags=8863<UP,RUNNING> mtu 1500")
        for ip, prefix in addresses:
            if ":" in ip:
                lines.append(f"\tinet6 {ip}%{name} prefixlen {prefix} secured scopeid 0x4 ")
            else:
                lines.append(f"\tinet {ip} netmask 0x{int(ipaddress.ip_network(f'0.0.0.0/{prefix}').netmask):08x}")

    found = list(kernel.parse_ifconfig("\n".join(lines)))

    assert found == [Address(ip, prefix, name) for name, addresses in some.items() for ip, prefix in addresses]


@given(st.text(st.sampled_from("inet6 0x1f:.%fe8\t\nprefixlen netmask\u0661\udcff"), max_size=80))
def test_no_text_is_a_crash(text):
    list(kernel.parse_ifconfig(text))
    kernel.parse_settings(text)
