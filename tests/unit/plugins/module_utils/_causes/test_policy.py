# SPDX-License-Identifier: GPL-3.0-or-later
"""Cause `policy`."""

from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import policy
from ansible_collections.dockmaster.ports.plugins.module_utils._causes.catalogue import CAUSES
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import diagnose
from ansible_collections.dockmaster.ports.plugins.module_utils._core.policy import policy_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import wants_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Kernel
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    NGINX,
    host,
    remedies,
    summaries,
    verdicts,
)

POLICY = {
    "bands": {"api": "3000-3099", "databases": 5432},
    "owners": {"api": "blog/*"},
    "rules": {"databases": "local_only", "*": ["pinned", "not_ephemeral"]},
}


USUAL = policy_of(POLICY)


def judged(publish, evidence=None, found=USUAL, causes=(policy,)):
    return diagnose(evidence or host(), wants_of(publish, "shop/db"), causes, found)


@pytest.mark.parametrize(
    "publish, summary, holder, remedy",
    [
        (
            "5432:5432",
            "shop/db wants *:5432/tcp, but such ports are for local addresses only",
            ("policy", "local_only", "databases"),
            "publish shop/db on 127.0.0.1",
        ),
        (
            "80",
            "shop/db wants any free port for 80/tcp, but host ports are to be named, one for each",
            ("policy", "pinned", "*"),
            "name a host port for each container port of shop/db",
        ),
        (
            "3000:80",
            "shop/db wants *:3000/tcp, but ports of api are kept for blog/*",
            ("policy", "owner", "api"),
            "publish shop/db outside of api (3000-3099)",
        ),
    ],
)
def test_explain(publish, summary, holder, remedy):
    found = judged(publish)
    [finding] = found.findings
    [move_want] = finding.remedies

    assert (finding.summary, verdicts(found)) == (summary, ["at_risk"])
    assert (finding.holder.kind, finding.holder.name, finding.holder.id) == holder
    assert (move_want.id, move_want.summary, move_want.params) == ("move_want", remedy, {"publish": publish})


@pytest.mark.parametrize("publish", ["127.0.0.1:5432:5432", "8080:80"])
def test_what_keeps_to_the_policy_is_free(publish):
    assert verdicts(judged(publish, causes=CAUSES)) == ["free"]


def test_without_a_policy_there_is_nothing_to_say():
    assert verdicts(judged("5432:5432", found=None)) == ["free"]


def test_each_rule_that_is_broken_is_a_finding_of_its_own():
    found = judged("5432-5433:5432", causes=CAUSES)

    assert [finding.holder.name for finding in found.findings] == ["local_only", "pinned"]
    assert remedies(found) == [["move_want"], ["move_want"]]


def test_the_range_of_the_hosts_own_kernel_counts():
    evidence = host(kernel=Kernel(port_range=(10000, 20000)))

    assert summaries(judged("10000:80", evidence, causes=CAUSES)) == [
        "shop/db wants *:10000/tcp, but the kernel may give *:10000/tcp to any outgoing connection first",
        "shop/db wants *:10000/tcp, but the kernel gives ports of 10000-20000 to clients",
    ]


def test_who_has_the_port_weighs_more():
    found = judged("80:80", host(sockets=(NGINX,)), policy_of({"rules": {"*": "unprivileged"}}), CAUSES)

    assert verdicts(found) == ["blocked"]
    assert [finding.cause for finding in found.findings] == ["unit", "policy"]
