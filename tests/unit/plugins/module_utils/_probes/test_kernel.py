# SPDX-License-Identifier: GPL-3.0-or-later
"""Section `kernel`, from recordings and from this machine."""

from __future__ import annotations

import os
import pathlib
import socket
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Address, Kernel
from ansible_collections.dockmaster.ports.plugins.module_utils._host import BECOME, Refused, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._live_host import LiveHost
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import kernel, rtnetlink
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.netlink_words import V4, V6
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.test_proc_addresses import (
    FIB_TRIE,
    IF_INET6,
)
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.test_rtnetlink import address, link

REQUEST = Request(sections=("kernel",))
NET = "/proc/sys/net"
SETTINGS = {
    "/proc/sys/kernel/osrelease": "6.1.0-26-amd64\n",
    f"{NET}/ipv4/ip_local_port_range": "32768\t60999\n",
    f"{NET}/ipv4/ip_local_reserved_ports": "8080,9000-9100\n",
    f"{NET}/ipv4/ip_unprivileged_port_start": "1024\n",
    f"{NET}/ipv4/ip_nonlocal_bind": "0\n",
    f"{NET}/ipv6/ip_nonlocal_bind": "1\n",
    f"{NET}/ipv6/bindv6only": "0\n",
    f"{NET}/ipv6/conf/eth0/disable_ipv6": "1\n",
    f"{NET}/ipv6/conf/lo/disable_ipv6": "0\n",
    f"{NET}/netfilter/nf_conntrack_count": "12\n",
    f"{NET}/netfilter/nf_conntrack_max": "262144\n",
}
NAMES = {f"{NET}/ipv6/conf": ["all", "default", "eth0", "lo"]}
NETLINK = {
    f"0:{rtnetlink.LINKS.hex()}": [(link(1, "lo") + link(2, "eth0") + link(3, "docker0", "bridge")).hex()],
    f"0:{rtnetlink.ADDRESSES.hex()}": [(address(V4, "127.0.0.1", 8, 1) + address(V6, "fd00::5", 64, 2)).hex()],
}


def gather(read=None, names=None, netlink=None):
    blind = []
    recording = {
        "read": SETTINGS if read is None else read,
        "names": NAMES if names is None else names,
        "netlink": NETLINK if netlink is None else netlink,
    }
    return kernel.probe(ReplayHost(recording), REQUEST, Evidence(), blind)["kernel"], blind


def test_every_setting_is_told():
    assert gather() == (
        Kernel(
            release="6.1.0-26-amd64",
            port_range=(32768, 60999),
            reserved=((8080, 8080), (9000, 9100)),
            unprivileged_start=1024,
            bindv6only=False,
            nonlocal_bind=False,
            nonlocal_bind6=True,
            ipv6=True,
            addresses=(Address("127.0.0.1", 8, "lo"), Address("fd00::5", 64, "eth0")),
            bridges=("docker0",),
            conntrack_count=12,
            conntrack_max=262144,
        ),
        [],
    )


def test_a_kernel_that_does_not_tell_its_ephemeral_ports_is_blind_for_them():
    path = f"{NET}/ipv4/ip_local_port_range"

    told, blind = gather({one: text for one, text in SETTINGS.items() if one != path})

    assert told.port_range == ()
    part = "the ports that connections are given"
    assert blind == [Blind("kernel", f"{path} is not in the recording", part=part)]


def test_addresses_that_are_nonsense_are_blind():
    read = {**SETTINGS, "/proc/net/fib_trie": FIB_TRIE, "/proc/net/if_inet6": "no addresses\n"}

    told, blind = gather(read, NAMES, {})

    assert told.addresses == ()
    assert [one.part for one in blind] == ["addresses"]


def test_what_this_kernel_does_not_have_is_none():
    needed = ("/proc/sys/kernel/osrelease", f"{NET}/ipv4/ip_local_port_range")

    told, blind = gather({path: SETTINGS[path] for path in needed}, {}, NETLINK)

    assert (told.reserved, told.unprivileged_start, told.bindv6only, told.nonlocal_bind6) == ((), None, None, None)
    assert (told.ipv6, told.conntrack_max, blind) == (False, None, [])


@pytest.mark.parametrize("eth0, lo, ipv6", [("0", "0", True), ("1", "0", True), ("0", "1", True), ("1", "1", False)])
def test_ipv6_is_off_where_no_interface_has_it(eth0, lo, ipv6):
    conf = {f"{NET}/ipv6/conf/eth0/disable_ipv6": eth0, f"{NET}/ipv6/conf/lo/disable_ipv6": lo}

    assert gather({**SETTINGS, **conf})[0].ipv6 is ipv6


@pytest.mark.parametrize(
    "text, expected", [("32768\t60999\n", (32768, 60999)), ("1024 65535", (1024, 65535)), ("", ()), ("a b", ())]
)
def test_parse_range(text, expected):
    assert kernel.parse_range(text) == expected


@given(st.lists(st.tuples(st.integers(1, 65535), st.integers(0, 9)), max_size=6))
def test_reserved_ports_come_back_exactly(told):
    ranges = [(first, first + more) for first, more in told]
    text = ",".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)

    assert kernel.parse_ranges(text + "\n") == tuple(ranges)


def test_where_netlink_is_refused_proc_and_sys_serve():
    names = {
        **NAMES,
        "/sys/class/net": ["lo", "docker0", "br-1"],
        "/sys/class/net/docker0/bridge": [],
        "/sys/class/net/br-1/bridge": [],
    }
    read = {**SETTINGS, "/proc/net/fib_trie": FIB_TRIE, "/proc/net/if_inet6": IF_INET6}

    told, blind = gather(read, names, {})

    assert {a.ip for a in told.addresses} >= {"127.0.0.1", "192.0.2.2", "::1", "fd00::2"}
    assert (told.bridges, blind) == (("br-1", "docker0"), [])


def test_addresses_that_nobody_tells_are_blind():
    asked = f"0:{rtnetlink.ADDRESSES.hex()}"

    told, blind = gather(netlink={})

    why = f"{asked} is not in the recording, and /proc/net/fib_trie is not in the recording"
    assert told.addresses == ()
    assert blind == [Blind("kernel", why, part="addresses")]


def test_a_setting_that_is_refused_is_no_setting_that_is_missing():
    class Refusing(ReplayHost):
        def read(self, path):
            if path.endswith("reserved_ports"):
                raise Refused(f"{path}: permission denied", BECOME)
            return super().read(path)

    with pytest.raises(Refused):
        kernel.probe(Refusing({"read": SETTINGS, "names": NAMES, "netlink": NETLINK}), REQUEST, Evidence(), [])


def test_without_proc_nothing_is_seen():
    with pytest.raises(Unseen):
        gather({})


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the probe reads Linux's tables")
def test_this_machine():
    blind = []
    told = kernel.probe(LiveHost(), REQUEST, Evidence(), blind)["kernel"]

    assert told.release == os.uname().release
    assert list(told.port_range) == [
        int(w) for w in pathlib.Path(f"{NET}/ipv4/ip_local_port_range").read_text().split()
    ]
    assert Address("127.0.0.1", 8, "lo") in told.addresses
    assert blind == []
    for one in told.addresses:  # every address that is told can be bound
        family = socket.AF_INET6 if ":" in one.ip else socket.AF_INET
        scope = socket.if_nametoindex(one.interface) if one.ip.startswith("fe80") else 0
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.bind((one.ip, 0, 0, scope) if ":" in one.ip else (one.ip, 0))
