# SPDX-License-Identifier: GPL-3.0-or-later
"""Cause `unit`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import unit
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    NGINX,
    PYTHON,
    RESOLVED,
    host,
    judge,
    remedies,
    summaries,
)


@pytest.mark.parametrize(
    "sockets, publish, expected",
    [
        ([NGINX], "80:80", ["shop wants *:80/tcp, but nginx.service (pid 812) has 0.0.0.0:80/tcp"]),
        (
            [RESOLVED],
            "53:53/udp",
            ["shop wants *:53/udp, but systemd-resolved.service (pid 300) has 127.0.0.53:53/udp"],
        ),
        ([RESOLVED], "53:53/tcp", []),
        ([RESOLVED], "192.0.2.10:53:53/udp", []),
        ([NGINX], "8080:80", []),
    ],
)
def test_explain(sockets, publish, expected):
    assert summaries(judge(host(sockets=tuple(sockets)), publish, unit)) == expected


@pytest.mark.parametrize(
    "socket, publish, expected",
    [
        (NGINX, "80:80", ["move_want", "stop_unit"]),
        (RESOLVED, "53:53/udp", ["move_want", "bind_specific_address", "release_resolved_stub", "stop_unit"]),
    ],
)
def test_offers_the_gentlest_first(socket, publish, expected):
    assert remedies(judge(host(sockets=(socket,)), publish, unit)) == [expected]


@pytest.mark.parametrize("of", ["session-3.scope", "user@1000.service"])
def test_a_process_of_a_login_session_is_no_unit(of):
    found = judge(host(sockets=(replace(PYTHON, unit=of),)), "8080:80", unit)

    assert [(one.cause, one.holder.kind) for one in found.findings] == [("unexplained", "process")]
