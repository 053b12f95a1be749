# SPDX-License-Identifier: GPL-3.0-or-later
"""Cause `ghost_endpoint`."""

from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import ghost_endpoint
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import NatRule, Socket
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    NETWORK,
    host,
    judge,
    remedies,
    summaries,
)

RULE = NatRule(
    "iptables-nft",
    "ip",
    "nat",
    "DOCKER",
    2,
    "-A DOCKER ...",
    "dnat",
    "tcp",
    first=8080,
    last=8080,
    to_ip="172.18.0.9",
    to_first=80,
    to_last=80,
    hooks=("prerouting", "output"),
    local_only=True,
    owner="docker",
)


@pytest.mark.parametrize("command", ["docker-proxy", "dockerd"])
def test_explain(command):
    held = Socket("0.0.0.0", "tcp", 8080, pid=700, command=command, unit="docker.service")

    found = judge(host(sockets=(held,), nat=(RULE,), endpoints=(NETWORK,)), "8080:80", ghost_endpoint)

    assert summaries(found) == [
        "shop wants *:8080/tcp, but an endpoint of the engine without a container has 0.0.0.0:8080/tcp (for 172.18.0.9:80)"
    ]
    assert remedies(found) == [["move_want", "restart_engine", "remove_endpoint"]]


def test_the_engines_own_api_is_no_ghost():
    held = Socket("0.0.0.0", "tcp", 2375, pid=700, command="dockerd", unit="docker.service")

    found = judge(host(sockets=(held,), nat=(RULE,), endpoints=(NETWORK,)), "2375:2375/tcp", ghost_endpoint)

    assert [finding.cause for finding in found.findings] == ["unexplained"]
