# SPDX-License-Identifier: GPL-3.0-or-later
"""Cause `socket_unit`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import socket_unit
from ansible_collections.dockmaster.ports.plugins.module_utils._causes.catalogue import CAUSES
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import diagnose
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import wants_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.binds import Bind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.units import SocketUnit
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    host,
    judge,
    summaries,
    verdicts,
)

SSH = SocketUnit("ssh.socket", "*", "tcp", 22, active=True, enabled=True, triggers="ssh.service")
INIT = Socket("::", "tcp", 22, v6only=False, pid=1, started=0.1, command="systemd", unit="init.scope")
CUPS = SocketUnit("cups.socket", "0.0.0.0", "tcp", 631, active=False, enabled=True, triggers="cups.service")


@pytest.mark.parametrize(
    "units, sockets, publish, expected, verdict",
    [
        ([SSH], [INIT], "22:22/tcp", ["shop wants *:22/tcp, but ssh.socket has *:22/tcp"], "blocked"),
        (
            [CUPS],
            [],
            "631:631",
            ["shop wants *:631/tcp, but cups.socket takes 0.0.0.0:631/tcp when it starts"],
            "at_risk",
        ),
        ([replace(CUPS, enabled=False)], [], "631:631", [], "free"),
        ([CUPS], [], "192.0.2.10:632:631", [], "free"),
    ],
)
def test_explain(units, sockets, publish, expected, verdict):
    found = judge(host(units=tuple(units), sockets=tuple(sockets)), publish, socket_unit)

    assert (summaries(found), verdicts(found)) == (expected, [verdict])


@pytest.mark.parametrize("others", [("192.0.2.10",), ("192.0.2.10", "::1")])
def test_of_two_units_on_one_port_the_one_with_the_address_has_it(others):
    held = replace(INIT, ip="127.0.0.1", v6only=None, port=631)
    units = [replace(CUPS, ip="127.0.0.1", active=True)]
    units += [replace(CUPS, unit=f"other-{i}.socket", ip=ip, active=True) for i, ip in enumerate(others)]

    for order in (units, units[::-1]):
        found = judge(host(units=tuple(order), sockets=(held,)), "631:631", socket_unit)
        assert summaries(found) == ["shop wants *:631/tcp, but cups.socket has 127.0.0.1:631/tcp"]


def test_stopping_the_service_would_not_do():
    remedy = judge(host(units=(SSH,), sockets=(INIT,)), "22:22/tcp", socket_unit).findings[0].remedies[1]

    assert (remedy.id, remedy.params) == ("stop_unit", {"unit": "ssh.socket"})


def test_sockets_that_a_kernel_does_not_tell_of_leave_a_port_that_was_tried_free():
    """Linux before 6.8 tells of no TCP socket that is bound and does not listen; a bind meets it."""
    hidden = (Blind("sockets", "Linux 6.1.0 does not tell of them", "", "TCP sockets that are bound", protocol="tcp"),)
    tried = tuple(Bind(ip, "tcp", 8080) for ip in ("0.0.0.0", "::"))

    asked = wants_of("8080:80", "shop")
    assert verdicts(diagnose(host(blind=hidden, binds=tried), asked, CAUSES)) == ["free"]
    assert verdicts(diagnose(host(blind=hidden), asked, CAUSES)) == ["unknown"]
