# SPDX-License-Identifier: GPL-3.0-or-later
"""Cause `rootless_port_driver`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import rootless_port_driver
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    ENGINE,
    WEB_8080,
    host,
    judge,
    verdicts,
)


def rootless(version, driver="builtin"):
    return replace(ENGINE, version=version, rootless=True, port_driver=driver)


@pytest.mark.parametrize(
    "version, driver, verdict",
    [
        ("28.0.0", "slirp4netns", "diverted"),
        ("28.0.0-rc.1", "slirp4netns", "diverted"),
        ("28.0.0-1", "slirp4netns", "diverted"),
        ("28.0.0+dfsg1", "slirp4netns", "diverted"),
        ("28.0.1", "slirp4netns", "free"),
        ("29.0.0", "slirp4netns", "diverted"),
        ("29.1.1", "slirp4netns", "diverted"),
        ("29.1.2", "slirp4netns", "free"),
        ("29.0.0", "builtin", "free"),
        ("20.10.24+dfsg1", "slirp4netns", "free"),
    ],
)
def test_a_driver_that_forwards_nothing(version, driver, verdict):
    assert verdicts(judge(host(engine=(rootless(version, driver),)), "8080:80", rootless_port_driver)) == [verdict]


@pytest.mark.parametrize(
    "version, publish, expected",
    [
        (
            "28.5.2",
            "127.0.0.1:8080:80",
            [
                "blog wants 127.0.0.1:8080/tcp, but engine 28.5.2 takes it for the port that container web has on 192.0.2.10"
            ],
        ),
        ("28.5.2", "192.0.2.10:8080:80", []),  # a true one
        ("29.6.0", "127.0.0.1:8080:80", []),
        ("26.1.5", "127.0.0.1:8080:80", []),
        ("28.5.2", "127.0.0.1:8081:80", []),
        ("28.5.2", "[::1]:8080:80", []),
        ("28.5.2", "127.0.0.1:8080:80/udp", []),
    ],
)
def test_a_conflict_that_is_none(version, publish, expected):
    there = replace(WEB_8080, ip="192.0.2.10")

    found = judge(host(engine=(rootless(version),), publications=(there,)), publish, rootless_port_driver, "blog")

    assert [one.summary for one in found.findings if one.cause == "rootless_port_driver"] == expected


def test_an_engine_of_roots_has_no_port_driver():
    assert verdicts(judge(host(engine=(replace(ENGINE, version="28.0.0"),)), "8080:80", rootless_port_driver)) == [
        "free"
    ]
