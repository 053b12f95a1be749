# SPDX-License-Identifier: GPL-3.0-or-later
"""Cause `orphan_proxy`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import orphan_proxy
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    WEB_8080,
    host,
    judge,
    remedies,
    summaries,
)

LEFT = Socket("0.0.0.0", "tcp", 8080, pid=901, started=3.0, command="docker-proxy", unit="docker.service")


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
