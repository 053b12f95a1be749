# SPDX-License-Identifier: GPL-3.0-or-later
"""Cause `host_network`."""

from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import host_network
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    WEB,
    host,
    judge,
    remedies,
    summaries,
)

APP = Socket("0.0.0.0", "tcp", 9090, pid=950, command="prometheus", container="a" * 64, unit="docker-aaa.scope")


@pytest.mark.parametrize(
    "containers, by, expected",
    [
        (
            [WEB],
            "blog",
            ["blog wants *:9090/tcp, but container web, which is on the host's network, listens on 0.0.0.0:9090/tcp"],
        ),
        (
            [],
            "blog",
            [
                "blog wants *:9090/tcp, but container aaaaaaaaaaaa, which is on the host's network, listens on 0.0.0.0:9090/tcp"
            ],
        ),
        ([WEB], "shop/web", []),
    ],
)
def test_explain(containers, by, expected):
    found = judge(host(containers=tuple(containers), sockets=(APP,)), "9090:90", host_network, by)

    assert summaries(found) == expected


def test_offers_to_stop_the_container_and_not_the_process():
    assert remedies(judge(host(sockets=(APP,)), "9090:90", host_network)) == [["move_want", "stop_container"]]
