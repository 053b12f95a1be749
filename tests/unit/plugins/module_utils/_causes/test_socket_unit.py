# SPDX-License-Identifier: GPL-3.0-or-later
"""Cause `socket_unit`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import socket_unit
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Platform, Socket, SocketUnit
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


def test_stopping_the_service_would_not_do():
    remedy = judge(host(units=(SSH,), sockets=(INIT,)), "22:22/tcp", socket_unit).findings[0].remedies[1]

    assert (remedy.id, remedy.params) == ("stop_unit", {"unit": "ssh.socket"})


def test_a_mac_has_none_so_what_is_hidden_there_hides_none():
    blind = (Blind("sockets", "lsof shows them to root only", part="sockets of other users' processes"),)

    assert verdicts(judge(host(platform=Platform(system="Darwin"), blind=blind), "22:22", socket_unit)) == ["free"]
    assert verdicts(judge(host(blind=blind), "22:22", socket_unit)) == ["unknown"]
