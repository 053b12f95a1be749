# SPDX-License-Identifier: GPL-3.0-or-later
"""Cause `client_socket`."""

from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import client_socket
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.binds import Bind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Platform
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    NGINX,
    host,
    judge,
    remedies,
    summaries,
    verdicts,
)

CURL = Socket("192.0.2.10", "tcp", 40000, "established", pid=77, started=1.0, command="curl", peer="198.51.100.7:443")
GONE = Socket("192.0.2.10", "tcp", 40000, "time_wait", peer="198.51.100.7:443")


@pytest.mark.parametrize(
    "client, publish, expected",
    [
        (
            CURL,
            "40000:80",
            ["shop wants *:40000/tcp, but curl's connection in ESTABLISHED (pid 77) has 192.0.2.10:40000/tcp now"],
        ),
        (GONE, "40000:80", ["shop wants *:40000/tcp, but a connection in TIME-WAIT has 192.0.2.10:40000/tcp now"]),
        (GONE, "127.0.0.1:40000:80", []),
        (GONE, "40001:80", []),
    ],
)
def test_explain(client, publish, expected):
    found = judge(host(clients=(client,)), publish, client_socket)

    assert summaries(found) == expected
    assert remedies(found) == [["wait", "reserve_port", "move_want"] for _one in expected]


def test_a_listeners_own_connections_are_not_in_the_way_beside_it():
    accepted = Socket("192.0.2.10", "tcp", 80, "established", pid=812, command="nginx")

    found = judge(host(clients=(accepted,), sockets=(NGINX,)), "80:80", client_socket)

    assert [finding.holder.kind for finding in found.findings] == ["unit"]


def test_a_listener_on_another_address_accepted_none_of_them():
    elsewhere = Socket("127.0.0.1", "tcp", 40000, pid=9, command="app")

    for publish in ("40000:80", "192.0.2.10:40000:80"):
        found = judge(host(clients=(CURL,), sockets=(elsewhere,)), publish, client_socket)
        assert "curl's connection in ESTABLISHED (pid 77) has 192.0.2.10:40000/tcp now" in summaries(found)[0]


@pytest.mark.parametrize("ip, v6only", [("0.0.0.0", None), ("::", False), ("::", None), ("192.0.2.10", None)])
def test_a_listener_on_its_address_or_on_all_may_have_accepted_it(ip, v6only):
    listener = Socket(ip, "tcp", 40000, "listen", v6only, pid=9, command="app")

    found = judge(host(clients=(CURL,), sockets=(listener,)), "40000:80", client_socket)

    assert [finding.holder.kind for finding in found.findings] == ["process"]


@pytest.mark.parametrize(
    "focus, publish, reason",
    [
        (("40000",), "40000:80", ""),
        (("39000-41000",), "40000-40010:40000-40010", ""),
        (
            (),
            "40000:80",
            "connections from port 40000 were not looked for; name it in port_facts' focus, or ask port_check",
        ),
        (
            ("40000",),
            "40000-40001:1-2",
            "connections from port 40000-40001 were not looked for; name it in port_facts' focus, or ask port_check",
        ),
        (
            (),
            "127.0.0.1:40000:80",
            "connections from port 40000 were not looked for; name it in port_facts' focus, or ask port_check",
        ),
        ((), "80", ""),
    ],
)
def test_says_which_ports_nobody_looked_at(focus, publish, reason):
    found = judge(host(focus=focus), publish, client_socket)

    assert found.unjudged == ({"client_socket": reason} if reason else {})


def test_a_bind_that_succeeded_overrules_it():
    """A server's leftovers in TIME-WAIT are in nobody's way if it had set SO_REUSEADDR; only a bind can tell."""
    binds = (Bind("0.0.0.0", "tcp", 40000), Bind("::", "tcp", 40000))

    assert verdicts(judge(host(clients=(GONE,), binds=binds, focus=()), "40000:80", client_socket)) == ["free"]


def test_a_mac_has_no_list_of_reserved_ports():
    found = judge(host(clients=(GONE,), platform=Platform(system="Darwin")), "40000:80", client_socket)

    assert (verdicts(found), remedies(found)) == (["blocked"], [["wait", "move_want"]])
