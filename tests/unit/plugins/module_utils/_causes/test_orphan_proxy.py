# SPDX-License-Identifier: GPL-3.0-or-later
"""Cause `orphan_proxy`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import orphan_proxy
from ansible_collections.dockmaster.ports.plugins.module_utils._causes.catalogue import CAUSES
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import diagnose
from ansible_collections.dockmaster.ports.plugins.module_utils._core.docker_inventory import OTHER_ENGINES
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import wants_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import NatRule
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    WEB_8080,
    host,
    judge,
    remedies,
    summaries,
)

LEFT = Socket("0.0.0.0", "tcp", 8080, pid=901, started=3.0, command="docker-proxy", unit="docker.service")

RULE = NatRule(
    "iptables-nft", "ip", "nat", "DOCKER", 2, "-A DOCKER ...", "dnat", "tcp", first=8080, last=8080, to_ip="172.18.0.9",
    to_first=80, hooks=("prerouting",), owner="docker",
)  # fmt: skip


def test_explain():
    found = judge(host(sockets=(LEFT,)), "8080:80", orphan_proxy)

    assert summaries(found) == [
        "shop wants *:8080/tcp, but docker-proxy without a container (pid 901) has 0.0.0.0:8080/tcp"
    ]
    assert remedies(found) == [["move_want", "stop_process", "restart_engine"]]


@pytest.mark.parametrize("state", ["running", "paused"])
def test_the_proxy_of_a_container_is_no_orphan(state):
    found = judge(
        host(sockets=(LEFT,), publications=(replace(WEB_8080, state=state),)), "8080:80", orphan_proxy, "shop/web"
    )

    assert found.findings == ()


def test_a_stopped_containers_publication_does_not_explain_it():
    stopped = replace(WEB_8080, state="exited", actual=False)

    found = judge(host(sockets=(LEFT,), publications=(stopped,)), "8080:80", orphan_proxy, "shop/web")

    assert [finding.cause for finding in found.findings] == ["orphan_proxy"]


def test_is_not_called_an_orphan_where_containers_were_not_seen():
    found = judge(host(sockets=(LEFT,), publications=None), "8080:80", orphan_proxy)

    assert [finding.cause for finding in found.findings] == ["unexplained"]
    assert found.unjudged == {"orphan_proxy": "publications was not gathered"}


OTHERS = Blind("containers", "only unix:///run/a.sock was asked", "leave out docker_host", OTHER_ENGINES)
HANGS = Blind("publications", "unix:///run/b.sock did not answer within 5 s", "", "publications of unix:///run/b.sock")


@pytest.mark.parametrize("unseen", [{"publications": None}, {"blind": (OTHERS,)}, {"blind": (HANGS,)}])
@pytest.mark.parametrize("command", ["docker-proxy", "dockerd"])
def test_an_engine_that_was_not_asked_may_have_a_container_for_it(unseen, command):
    """Neither the listener nor the rule behind it is then left over, and the engine is not to be stopped for it."""
    evidence = host(sockets=(replace(LEFT, command=command),), nat=(RULE,), **unseen)

    (finding,) = diagnose(evidence, wants_of("8080:80", "shop"), CAUSES).findings

    assert finding.summary == (
        f"shop wants *:8080/tcp, but {command}, perhaps for a container that was not seen, has 0.0.0.0:8080/tcp"
    )
    assert (finding.cause, [remedy.id for remedy in finding.remedies]) == ("process", ["move_want"])
