# SPDX-License-Identifier: GPL-3.0-or-later
"""Where wants meet claims of others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import Binding
from ansible_collections.dockmaster.ports.plugins.module_utils._core.claims import claims_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.clashes import meet_all, merged
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import wants_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.binds import Bind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    ENGINE,
    QUIET,
    WEB_8080,
    host,
)

DNS = Socket("127.0.0.1", "udp", 53, "bound", pid=9, command="dnsmasq")


def clashes(evidence, publish, by="shop"):
    return meet_all(evidence, wants_of(publish, by), claims_of(evidence))[0].clashes


def listeners(*ports):
    return tuple(Socket("0.0.0.0", "tcp", port, pid=port, command="app") for port in ports)


@pytest.mark.parametrize(
    "bindings, texts",
    [
        (["0.0.0.0:80", "[::]:80"], ["*:80/tcp"]),
        (["0.0.0.0:80", "0.0.0.0:81", "0.0.0.0:83"], ["0.0.0.0:80-81/tcp", "0.0.0.0:83/tcp"]),
        (["0.0.0.0:80", "0.0.0.0:80"], ["0.0.0.0:80/tcp"]),
        (["0.0.0.0:80", "0.0.0.0:81/udp"], ["0.0.0.0:80/tcp", "0.0.0.0:81/udp"]),
        (["0.0.0.0:1-5", "0.0.0.0:3-9", "[::]:1-9"], ["*:1-9/tcp"]),
        (["[::1]:80", "127.0.0.1:80"], ["127.0.0.1:80/tcp", "[::1]:80/tcp"]),
    ],
)
def test_the_fewest_bindings_that_say_the_same(bindings, texts):
    assert [str(b) for b in merged(Binding.parse(text) for text in bindings)] == texts


@pytest.mark.parametrize(
    "version, taken, expected",
    [
        ("28.5.2", [8000], []),
        ("26.1.5", [8000], ["soft"]),
        ("28.5.2", range(8000, 8011), ["hard"] * 11),
        ("28.5.2", range(8000, 8010), ["soft"] * 10),
        ("28.5.2", [], []),
    ],
)
def test_of_a_range_one_clean_port_is_enough(version, taken, expected):
    """Engines up to 26 give up at the first port that the kernel refuses, later ones after ten."""
    evidence = host(engine=(replace(ENGINE, version=version),), sockets=listeners(*taken))

    found = clashes(evidence, "8000-8010:80")

    assert ["soft" if clash.soft else "hard" for clash in found] == expected


@pytest.mark.parametrize("last, expected", [(8002, ["promised"]), (8003, [])])
def test_a_port_that_somebody_will_want_is_no_clean_one_but_none_in_the_way_either(last, expected):
    stopped = replace(WEB_8080, first=8001, last=8002, actual=False, state="exited")
    evidence = host(sockets=listeners(8000), publications=(stopped,))

    assert [c.hold.value for c in clashes(evidence, f"8000-{last}:80")] == expected


def test_old_engines_know_their_own_ports_and_pass_them_over():
    evidence = host(engine=(replace(ENGINE, version="20.10.24"),), publications=(WEB_8080,))

    assert clashes(evidence, "8080-8081:80") == ()


def test_all_of_a_range_must_be_clean():
    assert [str(c.overlap) for c in clashes(host(sockets=listeners(8005)), "8000-8010:8000-8010")] == [
        "0.0.0.0:8005/tcp"
    ]


def test_udp_that_the_kernel_shares_is_diverted():
    """Engine 28 sets SO_REUSEADDR on UDP: a holder that set it too keeps its socket, and both are bound."""
    binds = (Bind("0.0.0.0", "udp", 53), Bind("::", "udp", 53))

    assert [c.hold.value for c in clashes(host(sockets=(DNS,), binds=binds), "53:53/udp")] == ["diverted"]


def test_a_connection_shares_nothing():
    asks = Socket("127.0.0.1", "udp", 40000, "established", pid=9, command="dig", peer="192.0.2.53:53")
    binds = (Bind("0.0.0.0", "udp", 40000), Bind("::", "udp", 40000))

    assert [c.hold.value for c in clashes(host(clients=(asks,)), "40000:53/udp")] == ["bound"]
    assert clashes(host(clients=(asks,), binds=binds), "40000:53/udp") == ()


def test_tcp_that_the_kernel_let_pass_is_gone():
    binds = (Bind("0.0.0.0", "tcp", 8000), Bind("::", "tcp", 8000))

    assert clashes(host(sockets=listeners(8000), binds=binds), "8000:80") == ()


@pytest.mark.parametrize(
    "proxy, ipv6, publish, opened",
    [
        (True, True, "8000:80", 1),
        (False, True, "8000:80", 0),
        (True, False, "8000:80", 0),
        (None, True, "8000:80", 1),
    ],
)
def test_whether_the_ipv6_side_is_opened(proxy, ipv6, publish, opened):
    six = Socket("::", "tcp", 8000, v6only=True, pid=5, command="app")
    evidence = host(
        engine=(replace(ENGINE, userland_proxy=proxy),), sockets=(six,), kernel=replace(QUIET.kernel, ipv6=ipv6)
    )

    assert len(clashes(evidence, publish)) == opened
