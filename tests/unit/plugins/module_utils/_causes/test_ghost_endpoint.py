# SPDX-License-Identifier: GPL-3.0-or-later
"""Cause `ghost_endpoint`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import ghost_endpoint
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import NetworkEndpoint
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import NatRule
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    ENDPOINT,
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
PROXY = Socket("0.0.0.0", "tcp", 8080, pid=700, command="docker-proxy", unit="docker.service")


@pytest.mark.parametrize("command", ["docker-proxy", "dockerd"])
def test_explain(command):
    held = Socket("0.0.0.0", "tcp", 8080, pid=700, command=command, unit="docker.service")

    found = judge(host(sockets=(held,), nat=(RULE,), endpoints=(NETWORK,)), "8080:80", ghost_endpoint)

    assert summaries(found) == [
        "shop wants *:8080/tcp, but an endpoint of the engine without a container has 0.0.0.0:8080/tcp (for 172.18.0.9:80)"
    ]
    assert remedies(found) == [["move_want", "restart_engine", "remove_endpoint"]]


LISTED = NetworkEndpoint("shop", "br-1", "172.18.0.0/16", "", "db", "172.18.0.9", ENDPOINT)
SUBNET = NetworkEndpoint("shop", "br-1", "172.18.0.0/16", engine=ENDPOINT)
OTHER = NetworkEndpoint("blog", "br-2", "172.19.0.0/16", engine=ENDPOINT)
HOSTS = NetworkEndpoint("host", "", "", engine=ENDPOINT)  # has no subnet


@pytest.mark.parametrize(
    "endpoints, expected",
    [
        ((SUBNET, LISTED), ["remove_endpoint", "restart_engine"]),
        ((SUBNET, NETWORK), ["restart_engine", "remake_network"]),
        ((SUBNET, replace(NETWORK, ip="172.18.0.9")), ["restart_engine", "remake_network"]),
        ((OTHER, SUBNET, NETWORK), ["restart_engine", "remake_network"]),
        ((OTHER, HOSTS, NETWORK), ["restart_engine", "remove_endpoint"]),
        ((NETWORK,), ["restart_engine", "remove_endpoint"]),
        (None, ["restart_engine", "remove_endpoint"]),
    ],
    ids=[
        "listed",
        "not listed",
        "its address is a container's by now",
        "another network first",
        "of no network",
        "networks not asked for",
        "not seen",
    ],
)
def test_remedies(endpoints, expected):
    (finding,) = judge(host(sockets=(PROXY,), nat=(RULE,), endpoints=endpoints), "8080:80", ghost_endpoint).findings

    assert [remedy.id for remedy in finding.remedies] == ["move_want", *expected]
    params = {remedy.id: remedy.params for remedy in finding.remedies}
    assert params.get("remove_endpoint", {"address": "172.18.0.9"}) == {"address": "172.18.0.9"}


@pytest.mark.parametrize(
    "network, said",
    [
        ("shop", "remove network shop and make it anew"),
        ("bridge", "stop the engine, move its network/files/local-kv.db away, and make its other networks anew"),
    ],
)
def test_what_rids_a_network_of_it(network, said):
    """The network bridge cannot be removed."""
    endpoints = (replace(SUBNET, network=network), NETWORK)

    (finding,) = judge(host(sockets=(PROXY,), nat=(RULE,), endpoints=endpoints), "8080:80", ghost_endpoint).findings

    assert finding.remedies[2].summary == f"if it comes back at each start, {said}"


def test_a_rule_for_another_address_is_not_its_own():
    elsewhere = replace(RULE, ip="192.0.2.10", to_ip="172.18.0.2")
    own = replace(RULE, ip="127.0.0.1")

    found = judge(host(sockets=(replace(PROXY, ip="127.0.0.1"),), nat=(elsewhere, own)), "8080:80", ghost_endpoint)

    assert [one.holder.name for one in found.findings if one.cause == "ghost_endpoint"] == ["172.18.0.9"]


def test_an_ipv6_address():
    rule = replace(RULE, family="ip6", to_ip="fd00::9")

    found = judge(host(sockets=(replace(PROXY, ip="::"),), nat=(rule,)), "8080:80", ghost_endpoint)

    ghosts = [one.holder for one in found.findings if one.cause == "ghost_endpoint"]
    assert [(ghost.name, ghost.detail) for ghost in ghosts] == [("fd00::9", "[fd00::9]:80")]


def test_the_engines_own_api_is_no_ghost():
    held = Socket("0.0.0.0", "tcp", 2375, pid=700, command="dockerd", unit="docker.service")

    found = judge(host(sockets=(held,), nat=(RULE,), endpoints=(NETWORK,)), "2375:2375/tcp", ghost_endpoint)

    assert [finding.cause for finding in found.findings] == ["unexplained"]
