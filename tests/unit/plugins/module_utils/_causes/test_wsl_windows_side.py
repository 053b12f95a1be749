# SPDX-License-Identifier: GPL-3.0-or-later
"""Cause `wsl_windows_side`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import wsl_windows_side
from ansible_collections.dockmaster.ports.plugins.module_utils._causes.catalogue import CAUSES
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import diagnose
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import wants_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.binds import Bind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Engine
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import ExcludedRange, Platform
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    ENDPOINT,
    ENGINE,
    NGINX,
    WEB,
    WEB_8080,
    host,
    judge,
    remedies,
    summaries,
    verdicts,
)

MIRRORED, NAT, BRIDGED = (Platform(wsl="2", wsl_networking=mode) for mode in ("mirrored", "nat", "bridged"))
WSL1 = Platform(wsl="1", wsl_networking="wsl1")
DESKTOP = Engine(endpoint=ENDPOINT, version="28.5.2", operating_system="Docker Desktop")
IIS = Socket("0.0.0.0", "tcp", 80, pid=4, command="System")
APP = Socket("192.168.1.5", "tcp", 80, pid=6120, command="app.exe")
PROXY = Socket("0.0.0.0", "tcp", 80, pid=1012, command="svchost.exe", services=("iphlpsvc",))
DNS = Socket("0.0.0.0", "udp", 53, "bound", pid=900, command="svchost.exe", services=("SharedAccess",))
REFUSED = (Bind("0.0.0.0", "tcp", 80, "EADDRINUSE", "bind"), Bind("::", "tcp", 80, "EADDRINUSE", "bind"))
PASSED = (Bind("0.0.0.0", "tcp", 80), Bind("::", "tcp", 80))


def windows(platform, *sockets, **more):
    return host(platform=platform, windows_sockets=sockets, exclusions=(), **more)


LISTENERS = [
    # platform, listener, publish, verdict, what is said
    (MIRRORED, IIS, "80:80", "blocked", "shop wants *:80/tcp, but System of Windows (pid 4) has 0.0.0.0:80/tcp"),
    (WSL1, IIS, "80:80", "blocked", "shop wants *:80/tcp, but System of Windows (pid 4) has 0.0.0.0:80/tcp"),
    (MIRRORED, DNS, "53:53/udp", "blocked",
     "shop wants *:53/udp, but SharedAccess of Windows (pid 900) has 0.0.0.0:53/udp"),
    (MIRRORED, IIS, "81:80", "free", None),
    (NAT, IIS, "80:80", "at_risk",
     "shop wants *:80/tcp, but on Windows, localhost leads to System of Windows (pid 4) for *:80/tcp"),
    (NAT, replace(IIS, ip="::1"), "127.0.0.1:80:80", "at_risk",
     "shop wants 127.0.0.1:80/tcp, but on Windows, localhost leads to System of Windows (pid 4) for 127.0.0.1:80/tcp"),
    (NAT, PROXY, "80:80", "at_risk",
     "shop wants *:80/tcp, but on Windows, a port proxy has *:80/tcp: `netsh interface portproxy show all` says where it "
     "leads"),
    (NAT, APP, "80:80", "free", None),
    (NAT, DNS, "53:53/udp", "free", None),
    (NAT, replace(IIS, command="wslrelay.exe"), "80:80", "free", None),
    (BRIDGED, IIS, "80:80", "free", None),
    (Platform(), IIS, "80:80", "free", None),
]  # fmt: skip


@pytest.mark.parametrize("platform, listener, publish, verdict, said", LISTENERS)
def test_listeners(platform, listener, publish, verdict, said):
    found = judge(windows(platform, listener), publish, wsl_windows_side)

    assert (verdicts(found), summaries(found)) == ([verdict], [said] if said else [])


def test_docker_desktop_binds_on_windows_whatever_the_mode():
    found = judge(windows(NAT, APP, engine=(DESKTOP,)), "80:80", wsl_windows_side)

    assert summaries(found) == ["shop wants *:80/tcp, but app.exe of Windows (pid 6120) has 192.168.1.5:80/tcp"]
    assert remedies(found) == [["move_want", "stop_on_windows"]]


def test_its_backend_has_the_ports_of_its_containers_for_them():
    backend = Socket("0.0.0.0", "tcp", 8080, pid=77, command="com.docker.backend.exe")
    evidence = windows(NAT, backend, engine=(DESKTOP,), containers=(WEB,), publications=(WEB_8080,))

    assert verdicts(judge(evidence, "8080:80", wsl_windows_side, by="shop/web")) == ["free"]


def test_the_kernel_has_asked_windows_already():
    assert verdicts(judge(windows(MIRRORED, IIS, binds=PASSED), "80:80", wsl_windows_side)) == ["free"]


def test_a_refusal_that_nobody_explains_is_windows():
    found = judge(windows(MIRRORED, binds=REFUSED), "80:80", wsl_windows_side)

    assert [one.cause for one in found.findings] == ["wsl_windows_side"]
    assert summaries(found) == [
        "shop wants *:80/tcp, but Windows does not give 0.0.0.0:80/tcp (networking mode mirrored): a program, an excluded "
        "range or the dynamic range there has it, and nobody on Linux"
    ]
    assert remedies(found) == [["move_want", "ignore_port"]]


@pytest.mark.parametrize(
    "platform, sockets, causes",
    [
        (NAT, (), ["unexplained"]),
        (MIRRORED, (NGINX,), ["unexplained"]),  # cause `unit` explains it, and is not asked here
    ],
)
def test_a_refusal_is_not_windows_where_it_has_no_say_or_somebody_has_it(platform, sockets, causes):
    found = judge(host(platform=platform, sockets=sockets, binds=REFUSED), "80:80", wsl_windows_side)

    assert [one.cause for one in found.findings] == causes


def test_a_refusal_for_want_of_a_right_is_this_kernels_own():
    denied = tuple(replace(one, error="EACCES") for one in REFUSED)

    found = judge(windows(MIRRORED, binds=denied), "80:80", wsl_windows_side)

    assert [one.cause for one in found.findings] == ["unexplained"]


WHY = "WSL starts no Windows programs here: interop is off"
BLIND = (Blind("windows_sockets", WHY, "set it on"),)


@pytest.mark.parametrize(
    "platform, engine, binds, unjudged",
    [
        (MIRRORED, None, (), True),
        (MIRRORED, None, PASSED, False),
        (NAT, None, (), False),
        (NAT, DESKTOP, (), True),
        (Platform(), DESKTOP, (), False),
    ],
    ids=["mirrored", "mirrored and tried", "nat", "docker desktop", "docker desktop for linux"],
)
def test_a_windows_that_is_not_seen(platform, engine, binds, unjudged):
    sections = {"engine": (engine,)} if engine else {}
    found = judge(host(platform=platform, binds=binds, blind=BLIND, **sections), "80:80", wsl_windows_side)

    expected = {"wsl_windows_side": f"windows_sockets: {WHY}; set it on"} if unjudged else {}
    assert (found.unjudged, verdicts(found)) == (expected, ["unknown" if unjudged else "free"])


def test_what_this_kernel_does_not_tell_of_is_nothing_to_docker_desktop():
    hidden = (Blind("sockets", "Linux 5.15 does not tell of them", "", "TCP sockets that are bound", protocol="tcp"),)
    desktop, own = (windows(NAT, engine=(one,), blind=hidden) for one in (DESKTOP, ENGINE))

    assert verdicts(diagnose(desktop, wants_of("80:80", "shop"), CAUSES)) == ["free"]
    assert verdicts(diagnose(own, wants_of("80:80", "shop"), CAUSES)) == ["unknown"]


def test_a_relay_of_wsls_is_in_docker_desktops_way_only():
    relay = Socket("127.0.0.1", "tcp", 80, pid=9120, command="wslrelay.exe")

    assert verdicts(judge(windows(NAT, relay), "80:80", wsl_windows_side)) == ["free"]
    assert verdicts(judge(windows(NAT, relay, engine=(DESKTOP,)), "80:80", wsl_windows_side)) == ["blocked"]


BLOCK = (ExcludedRange(80, 180, "tcp", "ipv4"), ExcludedRange(80, 180, "tcp", "ipv6"))


@pytest.mark.parametrize("binds, verdict", [((), "blocked"), (PASSED, "free"), (REFUSED, "blocked")])
def test_an_excluded_range_is_none_to_a_kernel_that_was_given_the_port(binds, verdict):
    evidence = replace(windows(MIRRORED, binds=binds), exclusions=BLOCK)

    found = diagnose(evidence, wants_of("80:80", "shop"), CAUSES)

    assert verdicts(found) == [verdict]
    assert [one.cause for one in found.findings] == ([] if verdict == "free" else ["excluded_range"])


def test_docker_desktop_whose_excluded_ranges_are_not_seen_is_no_all_clear():
    evidence = replace(windows(NAT, engine=(DESKTOP,)), exclusions=None)

    found = diagnose(evidence, wants_of("80:80", "shop"), CAUSES)

    assert (verdicts(found), list(found.unjudged)) == (["unknown"], ["excluded_range"])


SERVING = (
    Socket("0.0.0.0", "tcp", 8080, pid=4332, command="com.docker.backend.exe"),
    Socket("::", "tcp", 8080, pid=4332, command="com.docker.backend.exe"),
    Socket("::1", "tcp", 8080, pid=2672, command="wslrelay.exe"),
)
BOTH = (WEB_8080, replace(WEB_8080, ip="::"))
LOCAL = (replace(WEB_8080, ip="127.0.0.1"),)


@pytest.mark.parametrize(
    "publications, by, publish, verdict",
    [
        (BOTH, "shop/web", "8080:80", "free"),
        (BOTH[:1], "shop/web", "8080:80", "free"),  # some engines in virtual machines tell no more
        (BOTH[:1], "shop/new", "[::1]:8080:80", "blocked"),
        (LOCAL, "shop/web", "8080:80", "blocked"),
        ((), "shop/web", "8080:80", "blocked"),
    ],
)
def test_what_docker_desktop_and_a_relay_have_for_a_container_is_the_containers(publications, by, publish, verdict):
    """As netstat shows a published port there: the backend on every address, and wslrelay.exe on [::1]."""
    evidence = windows(NAT, *SERVING, engine=(DESKTOP,), containers=(WEB,), publications=publications)

    assert verdicts(judge(evidence, publish, wsl_windows_side, by=by)) == [verdict]


def test_docker_desktop_beside_an_engine_of_the_distribution_is_somebody_else():
    evidence = windows(NAT, SERVING[0], containers=(WEB,), publications=(WEB_8080,))

    assert verdicts(judge(evidence, "8080:80", wsl_windows_side, by="shop/web")) == ["at_risk"]
