# SPDX-License-Identifier: GPL-3.0-or-later
"""Cause `chains_missing`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import chains_missing
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import Firewall, NatRule, Ruleset
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    ENGINE,
    KERNEL,
    NETWORK,
    WEB,
    WEB_8080,
    host,
    judge,
    remedies,
    summaries,
    verdicts,
)

CHAINS = (
    "nat/PREROUTING", "nat/OUTPUT", "nat/DOCKER", "filter/FORWARD", "filter/DOCKER", "filter/DOCKER-USER",
    "filter/DOCKER-ISOLATION-STAGE-1", "filter/DOCKER-ISOLATION-STAGE-2",
)  # fmt: skip
JUMPS = (
    "nat/PREROUTING > DOCKER", "nat/OUTPUT > DOCKER", "filter/FORWARD > DOCKER-USER",
    "filter/FORWARD > DOCKER-ISOLATION-STAGE-1",
)  # fmt: skip
WHOLE = Ruleset("iptables-nft", "ip", ("nat", "filter"), CHAINS, JUMPS, rules=9, docker_rules=9)
LEGACY = Ruleset("iptables-legacy", "ip")
OLD = replace(ENGINE, version="26.1.5", iptables=None)
RULE = NatRule(
    "iptables-nft", "ip", "nat", "DOCKER", 1, "-A DOCKER ...", "dnat", "tcp", first=8080, last=8080,
    to_ip="172.18.0.2", to_first=80, hooks=("prerouting",), owner="docker",
)  # fmt: skip


def without(*gone):
    kept = replace(
        WHOLE, chains=tuple(c for c in CHAINS if c not in gone), jumps=tuple(j for j in JUMPS if j not in gone)
    )
    return host(engine=(OLD,), firewall=Firewall(rulesets=(kept, LEGACY)))


@pytest.mark.parametrize(
    "gone, expected, verdict",
    [
        ([], [], "free"),
        (["nat/DOCKER"], ["table nat has no chain DOCKER (iptables-nft, IPv4)"], "blocked"),
        (["nat/PREROUTING > DOCKER"], ["nothing in chain PREROUTING of table nat leads to DOCKER (iptables-nft, IPv4)"], "diverted"),
        (["filter/FORWARD > DOCKER-USER"], ["nothing in chain FORWARD of table filter leads to DOCKER-USER (iptables-nft, IPv4)"], "at_risk"),
        (["filter/DOCKER"], ["table filter has no chain DOCKER (iptables-nft, IPv4)"], "blocked"),
        (["filter/DOCKER-ISOLATION-STAGE-1"], ["table filter has no chain DOCKER-ISOLATION-STAGE-1 (iptables-nft, IPv4)"], "at_risk"),
        ([*CHAINS, *JUMPS], ["table nat has no chain DOCKER (iptables-nft, IPv4) and 8 more"], "blocked"),
    ],
)  # fmt: skip
def test_explain(gone, expected, verdict):
    found = judge(without(*gone), "8080:80", chains_missing)

    assert [text.partition(", but ")[2] for text in summaries(found)] == expected
    assert verdicts(found) == [verdict]
    assert remedies(found) == [["restart_engine"] for _one in expected]


def test_says_so_to_a_want_whose_port_the_engine_chooses():
    assert summaries(judge(without("nat/DOCKER"), "80", chains_missing)) == [
        "shop wants any free port for 80/tcp, but table nat has no chain DOCKER (iptables-nft, IPv4)"
    ]


def test_the_other_family_is_none_of_its_business():
    assert verdicts(judge(without("nat/DOCKER"), "[::]:8080:80", chains_missing)) == ["free"]


HALF = replace(WHOLE, family="ip6", chains=tuple(c for c in CHAINS if c != "nat/DOCKER"))


@pytest.mark.parametrize(
    "ipv6, publish, verdict",
    [(True, "8080:80", "at_risk"), (True, "[::]:8080:80", "blocked"), (True, "0.0.0.0:8080:80", "free"),
     (None, "8080:80", "at_risk"), (False, "8080:80", "free"), (False, "[::]:8080:80", "free")],
)  # fmt: skip
def test_chains_of_ipv6_are_missed_where_there_is_ipv6(ipv6, publish, verdict):
    engine = replace(OLD, ip6tables=True)
    evidence = host(
        engine=(engine,),
        firewall=Firewall(rulesets=(WHOLE, LEGACY, HALF, replace(LEGACY, family="ip6"))),
        kernel=replace(KERNEL, ipv6=ipv6),
    )

    assert verdicts(judge(evidence, publish, chains_missing)) == [verdict]


@pytest.mark.parametrize(
    "engine",
    [replace(OLD, iptables=False), replace(OLD, rootless=True), replace(OLD, state="stopped")],
    ids=["writes none", "rootless", "stopped"],
)
def test_an_engine_that_writes_no_rules_here_misses_none(engine):
    assert verdicts(judge(replace(without(*CHAINS), engine=(engine,)), "8080:80", chains_missing)) == ["free"]


@pytest.mark.parametrize(
    "rules, verdict",
    [
        ((RULE,), "free"),
        ((replace(RULE, family="inet", backend="nft"),), "free"),
        ((), "diverted"),
        ((replace(RULE, first=1, last=1),), "diverted"),
    ],
)
def test_a_running_container_that_lost_its_rule(rules, verdict):
    found = judge(
        replace(without(), containers=(WEB,), endpoints=(NETWORK,), publications=(WEB_8080,), nat=rules),
        "8080:80",
        chains_missing,
        "shop/web",
    )

    assert verdicts(found) == [verdict]


@pytest.mark.parametrize("publish, verdict", [("127.0.0.1:8080:80", "free"), ("192.0.2.10:8080:80", "diverted")])
def test_only_the_address_whose_rule_is_gone_is_cut_off(publish, verdict):
    """Each publication has a rule of its own."""
    both = tuple(replace(WEB_8080, ip=ip) for ip in ("127.0.0.1", "192.0.2.10"))
    evidence = replace(
        without(), containers=(WEB,), endpoints=(NETWORK,), publications=both, nat=(replace(RULE, ip="127.0.0.1"),)
    )

    assert verdicts(judge(evidence, publish, chains_missing, "shop/web")) == [verdict]


@pytest.mark.parametrize("rules, verdict", [((8080, 8081), "free"), ((8080,), "diverted"), ((8081,), "diverted")])
def test_each_port_of_a_range_has_a_rule_of_its_own(rules, verdict):
    nat = tuple(replace(RULE, first=port, last=port, to_first=port - 8000) for port in rules)
    evidence = replace(
        without(), containers=(WEB,), endpoints=(NETWORK,), publications=(replace(WEB_8080, last=8081),), nat=nat
    )

    assert verdicts(judge(evidence, "8080-8081:80-81", chains_missing, "shop/web")) == [verdict]


@pytest.mark.parametrize(
    "section, hides, verdict", [("nat", True, "unknown"), ("nat", False, "diverted"), ("sockets", True, "diverted")]
)
def test_a_rule_that_may_hide_is_not_gone(section, hides, verdict):
    evidence = replace(without(), containers=(WEB,), endpoints=(NETWORK,), publications=(WEB_8080,), nat=())
    dark = Blind(section, "half of it is dark", "bring a lamp", "half", hides=hides)

    assert verdicts(judge(replace(evidence, blind=(dark,)), "8080:80", chains_missing, "shop/web")) == [verdict]


def test_rules_that_were_not_seen_leave_it_unknown_whether_a_running_container_has_its_own():
    evidence = replace(without(), containers=(WEB,), endpoints=(NETWORK,), publications=(WEB_8080,), nat=None)

    found = judge(evidence, "8080:80", chains_missing, "shop/web")

    assert verdicts(found) == ["unknown"]
    assert list(found.unjudged) == ["chains_missing"]
    assert verdicts(judge(evidence, "8081:80", chains_missing)) == ["free"]


def test_a_backend_that_was_not_seen_may_have_it():
    evidence = replace(without("nat/DOCKER"), firewall=Firewall(rulesets=(Ruleset("iptables-nft", "ip"),)))

    found = judge(evidence, "8080:80", chains_missing)

    assert verdicts(found) == ["unknown"]
    assert found.unjudged == {"chains_missing": "the IPv4 rules of iptables-legacy were not seen"}
