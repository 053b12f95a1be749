# SPDX-License-Identifier: GPL-3.0-or-later
"""Cause `firewall_split`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import firewall_split
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Platform
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import Firewall, Ruleset
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    ENGINE,
    host,
    judge,
    remedies,
    summaries,
    verdicts,
)

WRITING = replace(ENGINE, iptables=None)
NFT = Ruleset("iptables-nft", "ip", docker_rules=4, forward_policy="ACCEPT")
LEGACY = Ruleset("iptables-legacy", "ip", docker_rules=2, forward_policy="ACCEPT")


@pytest.mark.parametrize(
    "rulesets, publish, verdict",
    [
        ([NFT, LEGACY], "8080:80", "at_risk"),
        ([NFT, replace(LEGACY, forward_policy="DROP")], "8080:80", "diverted"),
        ([NFT, replace(LEGACY, forward_policy="DROP")], "80", "diverted"),
        ([NFT, LEGACY], "[::]:8080:80", "free"),
        ([NFT, replace(LEGACY, docker_rules=0, rules=9)], "8080:80", "free"),
        ([NFT], "8080:80", "free"),
        ([NFT, replace(LEGACY, family="ip6")], "8080:80", "free"),
        ([replace(one, family="ip6") for one in (NFT, LEGACY)], "8080:80", "at_risk"),
        ([replace(one, family="ip6") for one in (NFT, LEGACY)], "0.0.0.0:8080:80", "free"),
    ],
)
def test_explain(rulesets, publish, verdict):
    found = judge(host(engine=(WRITING,), firewall=Firewall(rulesets=tuple(rulesets))), publish, firewall_split)

    assert verdicts(found) == [verdict]
    assert remedies(found) == ([] if verdict == "free" else [["use_one_backend"]])


def test_names_both_sides():
    assert summaries(
        judge(host(engine=(WRITING,), firewall=Firewall(rulesets=(NFT, LEGACY))), "8080:80", firewall_split)
    ) == [
        "shop wants *:8080/tcp, but the engine's IPv4 rules live in iptables-nft and in iptables-legacy, "
        "and packets must pass both"
    ]


def test_an_engine_in_a_namespace_of_its_own_does_not_care():
    evidence = host(firewall=Firewall(rulesets=(NFT, LEGACY)), engine=(replace(WRITING, rootless=True),))

    assert verdicts(judge(evidence, "8080:80", firewall_split)) == ["free"]


@pytest.mark.parametrize("publish", ["8080:80", "80"])
def test_a_firewall_that_was_not_seen_leaves_it_unknown_whatever_port_it_will_be(publish):
    assert verdicts(judge(host(engine=(WRITING,), firewall=None), publish, firewall_split)) == ["unknown"]


ADVICE = [
    (Platform(), "keep one backend and restart the engine"),
    (Platform(wsl="2", wsl_networking="nat"),
     "keep the backend that WSL's kernel takes (role wsl_iptables finds out) and restart the engine"),
    (Platform(wsl="2", wsl_networking="mirrored"),
     "keep iptables-nft, in which WSL's own rules for networking mode mirrored are, and restart the engine"),
]  # fmt: skip


@pytest.mark.parametrize("platform, advice", ADVICE)
def test_the_advice_fits_the_networking_mode(platform, advice):
    evidence = host(platform=platform, engine=(WRITING,), firewall=Firewall(rulesets=(NFT, LEGACY)))

    assert [one.summary for one in judge(evidence, "8080:80", firewall_split).findings[0].remedies] == [advice]
