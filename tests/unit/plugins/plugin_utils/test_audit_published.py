# SPDX-License-Identifier: GPL-3.0-or-later
"""What an audit says of the policy for published ports, and which ports it calls open."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Publication
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.published import (
    PolicyPlace,
    PolicyReach,
    PublishedPolicy,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import Firewall, Ruleset
from ansible_collections.dockmaster.ports.plugins.plugin_utils._audit import audit
from ansible_collections.dockmaster.ports.plugins.plugin_utils._audit_published import AGAIN
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import WEB, WEB_8080, host

BOTH = (WEB_8080, replace(WEB_8080, ip="::"))
V4, V6 = PolicyPlace("iptables-nft", "present"), PolicyPlace("ip6tables-nft", "present")
CLOSED = (PolicyReach("0.0.0.0:8080/tcp", "nobody"), PolicyReach("[::]:8080/tcp", "nobody"))
STANDS = PublishedPolicy("present", "iptables-nft", "deny", 1, places=(V4, V6), reach=CLOSED)
OPEN = "8080/tcp (shop/web) answers from every address"


def lines(policy, publications=BOTH, **more):
    found = audit("web-01", host(containers=(WEB,), publications=publications, published_policy=policy, **more)).lines
    return [(line.level, line.text) for line in found]


def reaching(*answers, **more):
    return replace(STANDS, reach=tuple(PolicyReach(*one) for one in answers), **more)


def test_what_the_policy_closes_is_not_open():
    assert lines(STANDS) == []


@pytest.mark.parametrize("policy", [None, PublishedPolicy(), replace(STANDS, reach=())])
def test_without_a_policy_that_says_otherwise_it_is_open(policy):
    assert lines(policy) == [("open", OPEN)]


@pytest.mark.parametrize(
    "answer, said",
    [
        (("0.0.0.0:8080/tcp", "everybody"), [OPEN]),
        (("0.0.0.0:8080/tcp", "only", ("10.0.0.0/8",)), []),
        (("0.0.0.0:8080/tcp", "everybody except", ("10.0.0.0/8",)), [f"{OPEN} but those that the policy denies"]),
        (("0.0.0.0:8080/tcp", "everybody", (), 0, "", "eth0"), [f"{OPEN} that comes in by eth0"]),
        (("0.0.0.0:8080/tcp", "everybody", (), 0, "", "wg0"), []),
        (("0.0.0.0:8080/tcp", "everybody", (), 0, "192.0.2.10", ""), [f"{OPEN} to 192.0.2.10"]),
        (("0.0.0.0:8080/udp", "nobody"), [OPEN]),
    ],
)
def test_what_the_policy_leaves_open(answer, said):
    policy = reaching(answer, trusted_interfaces=("wg0",))

    assert lines(policy) == [("open", text) for text in said]


def test_an_ipv6_side_that_the_policy_leaves_open():
    assert lines(reaching(("0.0.0.0:8080/tcp", "nobody"), ("[::]:8080/tcp", "everybody"))) == [("open", OPEN)]


def test_a_range_of_which_the_policy_closes_a_part():
    ports = Publication(WEB.id, "web", "shop/web", "tcp", 8080, 8089, 80, ip="0.0.0.0", actual=True, engine=WEB.engine)
    policy = reaching(("0.0.0.0:8080-8083/tcp", "everybody"), ("0.0.0.0:8084-8089/tcp", "nobody"))

    assert lines(policy, (ports,)) == [("open", "8080-8083/tcp (shop/web) answers from every address")]


def test_of_one_port_that_the_policy_does_not_know_it_says_nothing():
    """A rootless engine's ports are the host's own."""
    rootless = replace(WEB_8080, first=9090, last=9090, by="rootless")

    assert lines(STANDS, (WEB_8080, rootless)) == [("open", "9090/tcp (rootless) answers from every address")]


def test_packets_that_pass_by_are_the_worst():
    place = replace(V6, state="jump_missing", open_at=("FORWARD of ip6tables", "INPUT of ip6tables"))
    reach = (CLOSED[0], PolicyReach("[::]:8080/tcp", "everybody"))
    policy = replace(STANDS, state="jump_missing", places=(V4, place), reach=reach)

    assert lines(policy, firewall=Firewall(ufw="active")) == [
        (
            "exposed",
            "packets pass FORWARD of ip6tables and INPUT of ip6tables without meeting the policy for published ports: "
            "what it closes is open",
        ),
        ("open", f"{OPEN} although ufw is active"),
    ]


def test_an_nftables_table_that_is_gone():
    place = PolicyPlace("nftables", "jump_missing", ("table inet dockmaster",))

    assert lines(PublishedPolicy("jump_missing", "nftables", "deny", places=(place,)))[0] == (
        "exposed",
        "table inet dockmaster is gone, and packets pass without meeting the policy for published ports: "
        "what it closes is open",
    )


def test_rules_that_differ_close_nothing_for_sure():
    policy = replace(STANDS, state="drifted", places=(replace(V4, state="drifted"), V6), reach=(CLOSED[1],))

    assert lines(policy) == [
        ("at_risk", "the rules of iptables-nft are not those of the policy for published ports"),
        ("open", OPEN),
    ]


def test_an_nftables_table_that_differs():
    policy = PublishedPolicy("drifted", "nftables", "deny", places=(PolicyPlace("nftables", "drifted"),))

    assert lines(policy)[0] == ("at_risk", "the rules of nftables are not those of the policy for published ports")


def test_a_policy_that_does_not_last_and_one_that_is_left_over():
    gone = ("dockmaster-firewall-early.service is not enabled", "dockmaster-firewall.service does not run")

    assert lines(replace(STANDS, troubles=gone)) == [
        ("at_risk", f"the policy for published ports does not last: {gone[0]} and {gone[1]}")
    ]
    left = audit("web-01", host(published_policy=PublishedPolicy("left"))).lines
    assert [(line.level, line.text, line.next) for line in left] == [
        (
            "orphan",
            "rules of a policy for published ports are left over: there is no policy",
            f"{AGAIN}, to remove them with docker_firewall_state: absent",
        )
    ]


@pytest.mark.parametrize(
    "rules, said",
    [
        (("-A DOCKER-USER -j DOCKMASTER", "-A DOCKER-USER -j RETURN"), OPEN),
        (
            ("-A DOCKER-USER -s 198.51.100.7/32 -j RETURN",),
            f"{OPEN} although firewalld is active, unless rules in DOCKER-USER keep somebody out",
        ),
    ],
)
def test_rules_of_others_may_keep_somebody_out(rules, said):
    firewall = Firewall(rulesets=(Ruleset("iptables-nft", "ip", user_rules=rules),))
    if "firewalld" in said:
        firewall = replace(firewall, firewalld="active")

    assert lines(None, firewall=firewall) == [("open", said)]
