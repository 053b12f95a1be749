# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's list of virtual services."""

from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Address, Kernel
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import ipvs
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost

HEAD = """IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
"""
SERVICES = """TCP  C0A80002:7530 rr
  -> 0AF40105:1F90      Masq    1      0          0
  -> 0AF40106:1F90      Masq    1      0          0
UDP  0A60000A:0035 rr
TCP  [fd00:0000:0000:0000:0000:0000:0000:0001]:01BB rr  persistent 10800
  -> [fd00:0000:0000:0000:0000:0000:0000:0009]:20FB      Masq    1      0          0
FWM  00000100 rr
  -> 0A000003:0000      Masq    1      0          0
"""


def told(rules):
    return [(r.position, r.family, r.protocol, r.ip, r.first, r.to_ip, r.to_first, r.owner, r.text) for r in rules]


def test_services():
    assert told(ipvs.parse(HEAD + SERVICES)) == [
        (1, "ip", "tcp", "192.168.0.2", 30000, "10.244.1.5", 8080, "other", "TCP 192.168.0.2:30000 rr"),
        (2, "ip", "udp", "10.96.0.10", 53, "", 0, "other", "UDP 10.96.0.10:53 rr"),
        (3, "ip6", "tcp", "fd00::1", 443, "fd00::9", 8443, "other", "TCP [fd00::1]:443 rr"),
    ]


def test_no_service():
    assert ipvs.parse(HEAD) == ipvs.parse("") == ()


def test_services_of_kube_proxy():
    host = ReplayHost({"names": {"/proc/net": ["ip_vs"]}, "read": {"/proc/net/ip_vs": HEAD + SERVICES}})
    kernel = Kernel(addresses=(Address("10.96.0.10", 32, "kube-ipvs0"),))

    assert {one.owner for one in ipvs.services(host, Evidence(kernel=kernel))} == {"kubernetes"}


def test_a_kernel_without_ipvs():
    assert ipvs.services(ReplayHost({"names": {"/proc/net": ["tcp"]}}), Evidence()) == ()


def test_a_list_that_cannot_be_read():
    with pytest.raises(Unseen):
        ipvs.services(ReplayHost({"names": {"/proc/net": ["ip_vs"]}}), Evidence())
