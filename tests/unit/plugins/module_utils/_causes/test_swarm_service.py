# SPDX-License-Identifier: GPL-3.0-or-later
"""Cause `swarm_service`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import swarm_service
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Publication
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


def test_a_service_is_not_in_its_own_way():
    assert verdicts(judge(host(publications=(INGRESS,)), "8090:80", swarm_service, "lb")) == ["free"]
