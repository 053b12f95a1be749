# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings, addresses, port proxies, and what kind of host it is."""

from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Address, DrawnRange
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import Firewall, NatRule
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.windows.windows_host import (
    gathered,
    recording,
)

DYNAMIC = "netsh interface ipv6 show dynamicport protocol=tcp"
OLD_RANGE = "\r\nProtokoll tcp\r\n------\r\nStart : 1024\r\nAnzahl : 13977\r\n"
PROXIES = "pushd interface portproxy\r\nreset\r\n{}\r\npopd\r\n"


def test_the_host():
    platform = gathered(recording()).platform

    assert (platform.system, platform.version, platform.hostname) == ("Windows", "10.0.20348.0", "WEB-07")


def test_addresses_without_their_zones():
    kernel = gathered(recording()).kernel

    assert kernel.addresses == (
        Address("192.0.2.7", 24, "Ethernet"),
        Address("fe80::1c2d", 64, "Ethernet"),
        Address("::1", 128, "Loopback Pseudo-Interface 1"),
    )
    assert kernel.ipv6 is True


@pytest.mark.parametrize("ran, expected", [({}, (49152, 65535)), ({DYNAMIC: [0, OLD_RANGE, ""]}, (1024, 65535))])
def test_the_widest_of_the_four_dynamic_ranges(ran, expected):
    assert gathered(recording(**ran)).kernel.port_range == expected


def test_each_family_and_protocol_has_its_own_dynamic_range():
    drawn = gathered(recording(**{DYNAMIC: [0, OLD_RANGE, ""]})).kernel.drawn

    assert drawn == (
        DrawnRange(49152, 65535, "tcp", "ipv4"),
        DrawnRange(49152, 65535, "udp", "ipv4"),
        DrawnRange(1024, 15000, "tcp", "ipv6"),
        DrawnRange(49152, 65535, "udp", "ipv6"),
    )


def test_a_dynamic_range_that_was_not_seen():
    evidence = gathered(recording(**{DYNAMIC: [0, "", ""]}))

    assert evidence.kernel.port_range == (49152, 65535)
    assert Blind("kernel", f"{DYNAMIC} printed nothing", "", "the ports that connections are given (ipv6)") in (
        evidence.blind
    )


def test_port_proxies():
    rule = "add v4tov4 listenport=8080 listenaddress=192.0.2.7 connectaddress=172.20.1.5 connectport=80"
    evidence = gathered(recording(**{"netsh interface portproxy dump": [0, PROXIES.format(rule), ""]}))

    assert evidence.nat == (
        NatRule(
            "portproxy", "ip", "", "", 1, rule, "dnat", "tcp", "192.0.2.7", 8080, 8080,
            to_ip="172.20.1.5", to_first=80, to_last=80,
        ),
    )  # fmt: skip
    assert evidence.firewall == Firewall()


def test_port_proxies_that_were_not_seen():
    evidence = gathered(recording(**{"netsh interface portproxy dump": [1, "", "Zugriff verweigert"]}))

    assert evidence.nat is None
    assert evidence.unseen("nat") == "nat: netsh interface portproxy dump: Zugriff verweigert"


def test_a_host_without_anything_to_hide_has_no_blind_spot():
    blind = gathered(recording()).blind

    assert [one for one in blind if one.hides] == []
