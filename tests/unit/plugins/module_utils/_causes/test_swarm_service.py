# SPDX-License-Identifier: GPL-3.0-or-later
"""Cause `swarm_service`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import swarm_service
from ansible_collections.dockmaster.ports.plugins.module_utils._causes.catalogue import CAUSES
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import diagnose
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import wants_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Publication
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import NatRule
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    ENDPOINT,
    host,
    judge,
    verdicts,
)

INGRESS = Publication("s" * 25, "lb", "lb", "tcp", 8090, 8090, 80, kind="service", mode="ingress", engine=ENDPOINT)
PLACEHOLDER = Socket("::", "tcp", 8090, v6only=False, pid=700, command="dockerd", unit="docker.service")


@pytest.mark.parametrize(
    "sockets, service, expected, verdict",
    [
        ([PLACEHOLDER], INGRESS, "swarm service lb has *:8090/tcp", "blocked"),
        ([], INGRESS, "swarm service lb gets the traffic of *:8090/tcp", "diverted"),
        ([], replace(INGRESS, mode="host"), "swarm service lb will want *:8090/tcp", "at_risk"),
    ],
)
def test_explain(sockets, service, expected, verdict):
    found = judge(host(sockets=tuple(sockets), publications=(service,)), "8090:80", swarm_service)

    mine = [finding for finding in found.findings if finding.cause == "swarm_service"]
    assert [finding.summary for finding in mine] == [f"shop wants *:8090/tcp, but {expected}"]
    assert verdicts(found) == [verdict]


def test_a_worker_does_not_know_which_service_it_is():
    """Only managers list services; the rule tells that it is one, and not a program of docker.service."""
    rule = NatRule(
        "iptables-nft", "ip", "nat", "DOCKER-INGRESS", 1, "-A DOCKER-INGRESS ...", "dnat", "tcp", first=8090, last=8090,
        to_ip="172.19.0.2", to_first=8090, hooks=("prerouting", "output"), owner="swarm",
    )  # fmt: skip

    found = diagnose(host(sockets=(PLACEHOLDER,), nat=(rule,)), wants_of("8090:80", "shop"), CAUSES)

    assert [(one.cause, one.summary) for one in found.findings] == [
        ("swarm_service", "shop wants *:8090/tcp, but a swarm service has *:8090/tcp")
    ]
    assert [remedy.id for remedy in found.findings[0].remedies] == ["move_want"]


def test_a_service_is_not_in_its_own_way():
    assert verdicts(judge(host(publications=(INGRESS,)), "8090:80", swarm_service, "lb")) == ["free"]
