# SPDX-License-Identifier: GPL-3.0-or-later
"""Cause `nat_rule`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import nat_rule
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import NatRule
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    ENGINE,
    NETWORK,
    WEB,
    WEB_8080,
    host,
    judge,
    remedies,
    summaries,
    verdicts,
)

ORPHAN = NatRule(
    "iptables-nft", "ip", "nat", "DOCKER", 2,
    "-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.18.0.9:80",
    "dnat", "tcp", first=8080, last=8080, not_in_interface="docker0", to_ip="172.18.0.9", to_first=80, to_last=80,
    hooks=("prerouting", "output"), local_only=True, owner="docker",
)  # fmt: skip
LIVE = replace(ORPHAN, position=3, to_ip="172.18.0.2", text=ORPHAN.text.replace("172.18.0.9", "172.18.0.2"))
KUBE = NatRule(
    "iptables-nft", "ip", "nat", "KUBE-NODEPORTS", 1, "-A KUBE-NODEPORTS ...", "dnat", "tcp", first=30080, last=30080,
    to_ip="10.42.0.5", to_first=8080, hooks=("prerouting",), owner="kubernetes",
)  # fmt: skip
REDIRECT = replace(
    KUBE, chain="PREROUTING", owner="other", action="redirect", first=443, last=443, to_ip="", to_first=8443
)


def docker_host(**sections):
    return host(containers=(WEB,), endpoints=(NETWORK,), **sections)


def test_an_orphan():
    found = judge(docker_host(nat=(ORPHAN,)), "8080:80", nat_rule)

    assert summaries(found) == [
        "shop wants *:8080/tcp, but an orphaned DNAT rule sends its traffic to 172.18.0.9:80 (no running container has 172.18.0.9)"
    ]
    assert verdicts(found) == ["diverted"]
    assert remedies(found) == [["remove_orphan_rules", "move_want"]]
    assert found.findings[0].remedies[0].params == {
        "rules": [{"backend": "iptables-nft", "family": "ip", "table": "nat", "chain": "DOCKER", "text": ORPHAN.text}]
    }


@pytest.mark.parametrize("publish", ["8081:80", "8080:80/udp", "[::]:8080:80"])
def test_an_orphan_for_another_port(publish):
    assert verdicts(judge(docker_host(nat=(ORPHAN,)), publish, nat_rule)) == ["free"]


def test_an_orphan_before_the_live_rule_takes_the_running_containers_traffic():
    found = judge(docker_host(nat=(ORPHAN, LIVE), publications=(WEB_8080,)), "8080:80", nat_rule, "shop/web")

    assert verdicts(found) == ["diverted"]


def test_an_orphan_behind_the_live_rule_takes_nothing():
    behind = replace(ORPHAN, position=9)

    found = judge(docker_host(nat=(LIVE, behind), publications=(WEB_8080,)), "8080:80", nat_rule, "shop/web")

    assert verdicts(found) == ["free"]


@pytest.mark.parametrize(
    "other",
    [{"protocol": "udp"}, {"chain": "DOCKER-OLD"}, {"backend": "iptables-legacy"}, {"first": 8081, "last": 8090}],
    ids=str,
)
def test_an_orphan_behind_a_rule_for_something_else_takes_its_port(other):
    behind = replace(ORPHAN, position=9)

    found = judge(
        docker_host(nat=(replace(LIVE, **other), behind), publications=(WEB_8080,)), "8080:80", nat_rule, "blog"
    )

    assert [one.cause for one in found.findings].count("nat_rule") == 1


def test_an_orphan_behind_an_orphan_is_one_more():
    found = judge(docker_host(nat=(ORPHAN, replace(ORPHAN, position=9, to_ip="172.18.0.8"))), "8080:80", nat_rule)

    assert [text.partition("traffic to ")[2].partition(" ")[0] for text in summaries(found)] == [
        "172.18.0.9:80",
        "172.18.0.8:80",
    ]


def test_a_rule_that_somebody_put_among_the_engines():
    found = judge(docker_host(nat=(replace(ORPHAN, to_ip="203.0.113.5"),)), "8080:80", nat_rule)

    assert summaries(found) == [
        "shop wants *:8080/tcp, but a NAT rule that somebody put into chain DOCKER sends its traffic to 203.0.113.5:80 "
        "(iptables-nft ip nat DOCKER)"
    ]
    assert remedies(found) == [["move_want"]]


def test_a_live_rule_is_in_nobodys_way():
    found = judge(docker_host(nat=(LIVE,), publications=(WEB_8080,)), "8080:80", nat_rule, "shop/web")

    assert verdicts(found) == ["free"]


TO_KUBE = "a NAT rule of kubernetes's sends its traffic to 10.42.0.5:8080 (iptables-nft ip nat KUBE-NODEPORTS)"
TO_8443 = "a NAT rule sends its traffic to port 8443 of this host (iptables-nft ip nat PREROUTING)"


@pytest.mark.parametrize(
    "rule, publish, expected",
    [
        (KUBE, "30080:80", [TO_KUBE]),
        (KUBE, "30081:80", []),
        (replace(KUBE, hooks=()), "30080:80", []),
        (REDIRECT, "443:80", [TO_8443]),
        (replace(REDIRECT, first=0, last=0, protocol=""), "53:53/udp", [TO_8443]),
        (replace(KUBE, ip="192.0.2.10/32"), "192.0.2.10:30080:80", [TO_KUBE]),
        (replace(KUBE, ip="192.0.2.10/32"), "127.0.0.1:30080:80", []),
        (replace(KUBE, ip="192.0.2.10"), "127.0.0.1:30080:80", []),
        (replace(KUBE, ip="192.0.2.0/24"), "192.0.2.10:30080:80", [TO_KUBE]),
    ],
)
def test_rules_of_others(rule, publish, expected):
    found = judge(docker_host(nat=(rule,)), publish, nat_rule)

    assert [text.partition(", but ")[2] for text in summaries(found)] == expected
    assert remedies(found) == [["move_want"] for _one in expected]


@pytest.mark.parametrize("part", [{"condition": "-s 10.8.0.0/16"}, {"in_interface": "tun0"}])
@pytest.mark.parametrize("rule", [KUBE, REDIRECT, ORPHAN], ids=["kube", "redirect", "in Docker's chain"])
def test_a_rule_for_some_of_the_traffic_is_a_risk(rule, part):
    found = judge(docker_host(nat=(replace(rule, **part),)), f"{rule.first}:80", nat_rule)

    assert verdicts(found) == ["at_risk"]
    assert "sends some of its traffic to" in summaries(found)[0]


@pytest.mark.parametrize(
    "rule", [KUBE, ORPHAN, replace(ORPHAN, to_ip="203.0.113.5")], ids=["kube", "orphan", "foreign"]
)
def test_a_rule_that_nothing_leads_to_takes_nothing(rule):
    assert verdicts(judge(docker_host(nat=(replace(rule, hooks=()),)), f"{rule.first}:80", nat_rule)) == ["free"]


def test_a_rootless_engines_container_has_its_address_in_a_network_of_its_own():
    there = replace(ENGINE, endpoint="unix:///run/user/1000/docker.sock", rootless=True)
    same = replace(WEB, id="c" * 64, name="other", engine=there.endpoint, addresses=("172.18.0.9",))
    evidence = replace(docker_host(nat=(ORPHAN,)), engine=(ENGINE, there), containers=(WEB, same))

    assert verdicts(judge(evidence, "8080:80", nat_rule)) == ["diverted"]


def test_calls_nothing_an_orphan_where_containers_were_not_seen():
    dark = Blind("containers", "/run/docker.sock: permission denied", "gather with become")

    found = judge(host(nat=(ORPHAN,), containers=None, publications=None, blind=(dark,)), "8080:80", nat_rule)

    assert (found.findings, verdicts(found)) == ((), ["unknown"])
