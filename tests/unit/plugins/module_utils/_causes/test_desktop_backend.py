# SPDX-License-Identifier: GPL-3.0-or-later
"""Cause `desktop_backend`."""

from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import desktop_backend
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.binds import Bind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Platform
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    WEB,
    WEB_8080,
    host,
    judge,
    remedies,
    summaries,
    verdicts,
)

MAC = Platform(system="Darwin", distribution="macos")
BACKEND = Socket("::", "tcp", 8080, pid=1404, started=7.0, command="com.docker.backend")
AIRPLAY = Socket("0.0.0.0", "tcp", 5000, pid=612, command="ControlCenter")

HOLDERS = [
    # command                port   what is said to want it
    ("com.docker.backend", 8080, "shop wants *:8080/tcp, but Docker Desktop's com.docker.backend (pid 9) has *:8080/tcp, "
     "and no container publishes it"),
    ("com.docker.backe", 8080, "shop wants *:8080/tcp, but Docker Desktop's com.docker.backe (pid 9) has *:8080/tcp, "
     "and no container publishes it"),
    ("com.docker.backend.exe", 8080, "shop wants *:8080/tcp, but Docker Desktop's com.docker.backend.exe (pid 9) has "
     "*:8080/tcp, and no container publishes it"),
    ("vpnkit", 8080, "shop wants *:8080/tcp, but Docker Desktop's vpnkit (pid 9) has *:8080/tcp, and no container "
     "publishes it"),
    ("ControlCenter", 5000, "shop wants *:5000/tcp, but AirPlay Receiver, of ControlCenter (pid 9), has *:5000/tcp"),
    ("AirPlayXPCHelper", 7000, "shop wants *:7000/tcp, but AirPlay Receiver, of AirPlayXPCHelper (pid 9), has *:7000/tcp"),
    ("ControlCenter", 8080, None),
    ("docker", 8080, None),
]  # fmt: skip


@pytest.mark.parametrize("command, port, said", HOLDERS)
def test_explain(command, port, said):
    evidence = host(platform=MAC, sockets=(Socket("::", "tcp", port, pid=9, command=command),))
    found = judge(evidence, f"{port}:80", desktop_backend)

    assert [one.cause for one in found.findings] == ["desktop_backend" if said else "unexplained"]
    assert not said or summaries(found) == [said]


def test_what_serves_a_container_is_the_containers():
    evidence = host(platform=MAC, sockets=(BACKEND,), containers=(WEB,), publications=(WEB_8080,))

    assert [one.cause for one in judge(evidence, "8080:80", desktop_backend).findings] == ["unexplained"]
    assert verdicts(judge(evidence, "8080:80", desktop_backend, by="shop/web")) == ["free"]


def test_remedies():
    backend = judge(host(platform=MAC, sockets=(BACKEND,)), "8080:80", desktop_backend)
    airplay = judge(host(platform=MAC, sockets=(AIRPLAY,)), "5000:80", desktop_backend)

    assert remedies(backend) == [["move_want", "restart_desktop"]]
    assert backend.findings[0].remedies[1].disrupts == "all its containers, while it restarts"
    assert remedies(airplay) == [["move_want", "turn_off_airplay_receiver"]]


@pytest.mark.parametrize(
    "refused, verdict", [("EADDRINUSE", "blocked"), ("", "at_risk")], ids=["of another user", "of the same user"]
)
def test_one_address_beside_a_service_on_all_of_them(refused, verdict):
    """AirPlay keeps the others: what comes to this address goes to the container, as long as one user has both."""
    binds = (Bind("127.0.0.1", "tcp", 5000, refused, "bind" if refused else ""),)

    found = judge(host(platform=MAC, sockets=(AIRPLAY,), binds=binds), "127.0.0.1:5000:80", desktop_backend)

    assert verdicts(found) == [verdict]
    assert [one.cause for one in found.findings] == ["desktop_backend"]
