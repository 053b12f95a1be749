# SPDX-License-Identifier: GPL-3.0-or-later
"""Cause `ipv6_unserved`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import ipv6_unserved
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    ENGINE,
    NETWORK,
    host,
    judge,
    remedies,
    summaries,
    verdicts,
)

SIX = replace(NETWORK, network="six", subnet="fd00:1::/64", ip="fd00:1::2")


@pytest.mark.parametrize(
    "proxy, networks, publish, found",
    [
        (False, (NETWORK,), "[::1]:8080:80", True),
        (False, (NETWORK,), "[::]:8080:80", True),
        (False, (NETWORK, SIX), "[::1]:8080:80", False),
        (False, None, "[::1]:8080:80", False),
        (True, (NETWORK,), "[::1]:8080:80", False),
        (None, (NETWORK,), "[::1]:8080:80", False),
        (False, (NETWORK,), "8080:80", False),
        (False, (NETWORK,), "127.0.0.1:8080:80", False),
    ],
)
def test_explain(proxy, networks, publish, found):
    evidence = host(engine=(replace(ENGINE, userland_proxy=proxy),), endpoints=networks)

    mine = [f for f in judge(evidence, publish, ipv6_unserved).findings if f.cause == "ipv6_unserved"]

    assert [f.consequence.value for f in mine] == (["diverted"] if found else [])


def test_an_engine_that_was_not_seen_leaves_it_unknown_whatever_port_it_will_be():
    found = judge(host(engine=None), "[::1]::80", ipv6_unserved)

    assert verdicts(found) == ["unknown"]


def test_says_why():
    found = judge(host(engine=(replace(ENGINE, userland_proxy=False),)), "[::1]:8080:80", ipv6_unserved)

    assert summaries(found) == [
        "shop wants [::1]:8080/tcp, but the userland proxy is off and no network of the engine has IPv6, "
        "so nothing will listen there"
    ]
    assert remedies(found) == [["fix_address"]]
