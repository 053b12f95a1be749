# SPDX-License-Identifier: GPL-3.0-or-later
"""Cause `privileged_port`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import privileged_port
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    ENGINE,
    host,
    judge,
    summaries,
)

ROOTLESS = replace(ENGINE, rootless=True, port_driver="builtin")


@pytest.mark.parametrize(
    "engines, publish, expected",
    [
        ([ROOTLESS], "80:80", ["shop wants *:80/tcp, but the engine is rootless and may bind ports from 1024 on only"]),
        ([ROOTLESS], "1024:80", []),
        ([ROOTLESS], "1000-2000:80", []),
        (
            [ROOTLESS],
            "1000-1023:80",
            ["shop wants one port of *:1000-1023/tcp, but the engine is rootless and may bind ports from 1024 on only"],
        ),
        (
            [ROOTLESS],
            "1000-1030:1000-1030",
            ["shop wants *:1000-1030/tcp, but the engine is rootless and may bind ports from 1024 on only"],
        ),
        ([ENGINE], "80:80", []),
        ([ROOTLESS, ENGINE], "80:80", []),
        ([], "80:80", []),
    ],
)
def test_explain(engines, publish, expected):
    assert summaries(judge(host(engine=tuple(engines)), publish, privileged_port)) == expected


def test_offers_to_lower_the_start_to_the_port():
    remedy = judge(host(engine=(ROOTLESS,)), "443:443", privileged_port).findings[0].remedies[1]

    assert (remedy.id, remedy.params) == ("lower_unprivileged_port", {"start": 443})
