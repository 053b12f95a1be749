# SPDX-License-Identifier: GPL-3.0-or-later
"""Cause `duplicate_want`."""

from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import duplicate_want
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import diagnose
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import wants_of
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    host,
    judge,
    summaries,
    verdicts,
)


@pytest.mark.parametrize(
    "publish, expected",
    [
        (
            ["8080:80", "127.0.0.1:8080:80"],
            [
                "shop wants *:8080/tcp, but it also wants 127.0.0.1:8080/tcp (published as 127.0.0.1:8080:80)",
                "shop wants 127.0.0.1:8080/tcp, but it also wants 127.0.0.1:8080/tcp (published as 8080:80)",
            ],
        ),
        (
            ["8080:80", "8080:81"],
            [
                "shop wants *:8080/tcp, but it also wants *:8080/tcp (published as 8080:81)",
                "shop wants *:8080/tcp, but it also wants *:8080/tcp (published as 8080:80)",
            ],
        ),
        (
            ["8080:80", "8080:80"],
            ["shop wants *:8080/tcp, but it also wants *:8080/tcp (published as 8080:80)"] * 2,
        ),
        (["53:53/tcp", "53:53/udp"], []),
        (["127.0.0.1:8080:80", "192.0.2.10:8080:80"], []),
        (["8000-8010:80", "8000:81"], []),
        (["80", "80"], []),
    ],
)
def test_explain(publish, expected):
    assert summaries(judge(host(), publish, duplicate_want)) == expected


def test_replicas_on_one_fixed_port():
    wants = [*wants_of("8080:80", "shop/web-1"), *wants_of("8080:80", "shop/web-2")]

    found = diagnose(host(), wants, [duplicate_want])

    assert (
        summaries(found)[0]
        == "shop/web-1 wants *:8080/tcp, but shop/web-2 also wants *:8080/tcp (published as 8080:80)"
    )
    assert verdicts(found) == ["blocked", "blocked"]


def test_who_has_no_name_is_another_container():
    found = diagnose(host(), [*wants_of("8080:80", "shop/web"), *wants_of("8080:80")], [duplicate_want])

    assert summaries(found) == [
        "shop/web wants *:8080/tcp, but another container also wants *:8080/tcp (published as 8080:80)",
        "a container wants *:8080/tcp, but shop/web also wants *:8080/tcp (published as 8080:80)",
    ]


def test_replicas_of_one_service_are_told_as_such():
    found = diagnose(
        host(), wants_of([{"publish": "8080:80", "by": "shop/web", "replica": n} for n in (1, 2)]), [duplicate_want]
    )

    assert summaries(found) == [
        "shop/web wants *:8080/tcp, but another replica of it also wants *:8080/tcp (published as 8080:80)",
        "shop/web wants *:8080/tcp, but another replica of it also wants *:8080/tcp (published as 8080:80)",
    ]


@pytest.mark.parametrize("count, crowded", [(3, False), (4, True)])
def test_more_replicas_than_the_range_has_ports(count, crowded):
    wants = wants_of([{"publish": "8000-8002:80", "by": "shop/web", "replica": n + 1} for n in range(count)])

    found = summaries(diagnose(host(), wants, [duplicate_want]))

    assert found == (
        ["shop/web wants one port of *:8000-8002/tcp, but 4 containers want a port of these 3"] * 4 if crowded else []
    )
