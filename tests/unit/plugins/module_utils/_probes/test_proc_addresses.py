# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's own addresses, as /proc/net tells them."""

from __future__ import annotations

import sys

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Address
from ansible_collections.dockmaster.ports.plugins.module_utils._live_host import LiveHost
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import proc_addresses, rtnetlink

FIB_TRIE = """\
Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 127.0.0.0/8 2 0 2
        +-- 127.0.0.0/31 1 0 0
           |-- 127.0.0.0
              /8 host LOCAL
           |-- 127.0.0.1
              /32 host LOCAL
        |-- 127.255.255.255
           /32 link BROADCAST
     +-- 192.0.2.0/24 2 0 2
        +-- 192.0.2.0/30 2 0 2
           |-- 192.0.2.0
              /24 link UNICAST
           |-- 192.0.2.2
              /32 host LOCAL
        |-- 192.0.2.255
           /32 link BROADCAST
Local:
  +-- 0.0.0.0/0 3 0 5
     |-- 127.0.0.1
        /32 host LOCAL
     |-- 192.0.2.2
        /32 host LOCAL
"""
IF_INET6 = """\
00000000000000000000000000000001 01 80 10 80       lo
fe8000000000000000fc00fffe000001 02 40 20 80     eth0
fd000000000000000000000000000002 02 40 00 80     eth0
fd000000000000000000000000000003 02 40 00 c8     eth0
fd000000000000000000000000000004 02 40 00 44     eth0
"""


def test_parse_fib_trie():
    assert list(proc_addresses.parse_fib_trie(FIB_TRIE)) == [Address("127.0.0.1", 32), Address("192.0.2.2", 32)]


def test_parse_if_inet6():
    assert list(proc_addresses.parse_if_inet6(IF_INET6)) == [
        Address("::1", 128, "lo"),
        Address("fe80::fc:ff:fe00:1", 64, "eth0"),
        Address("fd00::2", 64, "eth0"),
        Address("fd00::4", 64, "eth0"),  # optimistic; ::3 is refuted
    ]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it reads Linux's tables")
def test_both_sources_tell_the_same_addresses_of_this_machine():
    host = LiveHost()
    told = {one.ip for one in rtnetlink.addresses_of(host, {})}
    printed = {one.ip for one in proc_addresses.parse_fib_trie(host.read("/proc/net/fib_trie"))}
    printed |= {one.ip for one in proc_addresses.parse_if_inet6(host.read("/proc/net/if_inet6"))}

    assert printed == told
