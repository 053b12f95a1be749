# SPDX-License-Identifier: GPL-3.0-or-later
"""Cause `windows_service`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import process, windows_service
from ansible_collections.dockmaster.ports.plugins.module_utils._causes.catalogue import CAUSES
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import diagnose
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import wants_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Platform
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import NatRule
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    ENGINE,
    WEB,
    WEB_8080,
    host,
    judge,
    remedies,
    summaries,
    verdicts,
)

WINDOWS = Platform(system="Windows", distribution="windows")
KERNEL = Socket("0.0.0.0", "tcp", 80, pid=4, command="System")
SERVICE = Socket("0.0.0.0", "tcp", 80, pid=1012, command="svchost.exe", services=("W3SVC", "WAS"))
FORWARDER = replace(SERVICE, services=("iphlpsvc",))
RULE = "add v4tov4 listenport=80 connectaddress=172.20.1.5 connectport=8080"
PROXY = NatRule(
    "portproxy", "ip", "", "", 1, RULE, "dnat", "tcp", first=80, last=80, to_ip="172.20.1.5", to_first=8080, to_last=8080
)  # fmt: skip

HOLDERS = [
    (KERNEL, "80:80", "HTTP.sys (pid 4) has 0.0.0.0:80/tcp (`netsh http show servicestate` names whom it serves)"),
    (replace(KERNEL, port=445), "445:80", "Windows itself (pid 4) has 0.0.0.0:445/tcp"),
    (replace(KERNEL, protocol="udp", port=137, state="bound"), "137:80/udp",
     "Windows itself (pid 4) has 0.0.0.0:137/udp"),
    (SERVICE, "80:80", "Windows services W3SVC, WAS (pid 1012) has 0.0.0.0:80/tcp"),
    (FORWARDER, "80:80", "Windows service iphlpsvc (pid 1012) has 0.0.0.0:80/tcp"),
]  # fmt: skip


@pytest.mark.parametrize("socket, publish, because", HOLDERS)
def test_explain(socket, publish, because):
    found = judge(host(platform=WINDOWS, sockets=(socket,)), publish, windows_service)

    assert [one.partition(", but ")[2] for one in summaries(found)] == [because]
    assert verdicts(found) == ["blocked"]


RELAY = Socket("::1", "tcp", 8080, pid=900, command="wslrelay.exe")


def test_a_relay_of_wsl():
    found = judge(host(platform=WINDOWS, sockets=(RELAY,)), "[::1]:8080:80", windows_service)

    assert summaries(found) == [
        "shop wants [::1]:8080/tcp, but wslrelay.exe (pid 900) has [::1]:8080/tcp for a listener in a WSL distribution"
    ]
    assert remedies(found) == [["move_want"]]


@pytest.mark.parametrize("publications", [(WEB_8080, replace(WEB_8080, ip="::")), (WEB_8080,)])
def test_a_relay_to_a_container_is_the_containers(publications):
    evidence = host(platform=WINDOWS, sockets=(RELAY,), containers=(WEB,), publications=publications)

    assert verdicts(judge(evidence, "8080:80", windows_service, by="shop/web")) == ["free"]


@pytest.mark.parametrize("services", [(), ("docker",)], ids=["by hand", "service"])
@pytest.mark.parametrize("publications, verdict", [((WEB_8080,), "free"), ((), "blocked")])
def test_an_engine_of_windows_containers_listens_for_them(publications, verdict, services):
    dockerd = Socket("0.0.0.0", "tcp", 8080, pid=2400, command="dockerd.exe", services=services)
    engine = (replace(ENGINE, os_type="windows"),)
    evidence = host(
        platform=WINDOWS, engine=engine, sockets=(dockerd,), containers=(WEB,), publications=publications, exclusions=()
    )

    assert verdicts(diagnose(evidence, wants_of("0.0.0.0:8080:80", "shop/web"), CAUSES)) == [verdict]


def test_a_service_that_forwards_says_where_to():
    found = judge(host(platform=WINDOWS, sockets=(FORWARDER,), nat=(PROXY,)), "80:80", windows_service)

    assert summaries(found) == [
        "shop wants *:80/tcp, but Windows service iphlpsvc (pid 1012) has 0.0.0.0:80/tcp, for a port proxy to "
        "172.20.1.5:8080"
    ]
    assert found.findings[0].remedies[1].params == {"command": "netsh interface portproxy delete v4tov4 listenport=80"}


def test_a_port_proxy_that_does_not_listen_now():
    found = judge(host(platform=WINDOWS, nat=(PROXY,)), "80:80", windows_service)

    assert summaries(found) == [
        "shop wants *:80/tcp, but a port proxy to 172.20.1.5:8080 takes 0.0.0.0:80/tcp when service iphlpsvc starts"
    ]
    assert verdicts(found) == ["at_risk"]
    assert remedies(found) == [["move_want", "remove_port_proxy"]]


def test_a_service_is_stopped_by_name():
    found = judge(host(platform=WINDOWS, sockets=(SERVICE,)), "80:80", windows_service)

    assert remedies(found) == [["move_want", "stop_windows_service"]]
    assert found.findings[0].remedies[1].params == {"services": ["W3SVC", "WAS"]}


def test_process_4_of_linux_is_a_process():
    found = judge(host(sockets=(KERNEL,)), "80:80", process)

    assert summaries(found) == ["shop wants *:80/tcp, but System (pid 4) has 0.0.0.0:80/tcp"]


def test_a_process_on_windows_is_for_people_to_end():
    evidence = host(platform=WINDOWS, sockets=(replace(KERNEL, pid=7312, command="nginx.exe"),))

    assert remedies(judge(evidence, "80:80", process)) == [["move_want", "end_process"]]


@pytest.mark.parametrize("platform, verdict", [(WINDOWS, "unknown"), (None, "free")])
def test_what_was_not_seen(platform, verdict):
    assert verdicts(judge(host(platform=platform, sockets=None), "80:80", windows_service)) == [verdict]
