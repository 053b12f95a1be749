# SPDX-License-Identifier: GPL-3.0-or-later
"""Cause `address_absent`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import address_absent
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Address, Platform
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    ENGINE,
    KERNEL,
    WEB_8080,
    host,
    judge,
    summaries,
    verdicts,
)


@pytest.mark.parametrize(
    "publish, expected",
    [
        (
            "198.51.100.9:80:80",
            ["shop wants 198.51.100.9:80/tcp, but this host does not have the address 198.51.100.9"],
        ),
        (
            "[2001:db8::9]:80:80",
            ["shop wants [2001:db8::9]:80/tcp, but this host does not have the address 2001:db8::9"],
        ),
        ("192.0.2.10:80:80", []),
        ("127.0.0.5:80:80", []),
        ("80:80", []),
        ("0.0.0.0:80:80", []),
        ("[::]:80:80", []),
    ],
)
def test_explain(publish, expected):
    found = judge(host(), publish, address_absent)

    assert (summaries(found), verdicts(found)) == (expected, ["blocked" if expected else "free"])


def test_a_bind_that_the_kernel_was_told_to_let_pass_gets_no_traffic():
    publish = ["198.51.100.9:80:80", "[2001:db8::9]:80:80"]
    four, six = (host(kernel=replace(KERNEL, **{key: True})) for key in ("nonlocal_bind", "nonlocal_bind6"))

    assert verdicts(judge(four, publish, address_absent)) == ["diverted", "blocked"]
    assert verdicts(judge(six, publish, address_absent)) == ["blocked", "diverted"]


def test_on_a_mac_loopback_has_the_addresses_that_it_was_given():
    mac = host(platform=Platform(system="Darwin"), kernel=replace(KERNEL, addresses=(Address("127.0.0.1", 8, "lo0"),)))

    assert verdicts(judge(mac, ["127.0.0.1:80:80", "127.0.0.2:81:80"], address_absent)) == ["free", "blocked"]


@pytest.mark.parametrize(
    "default, publish, verdict",
    [
        ("", "80:80", "free"),
        ("0.0.0.0", "80:80", "free"),
        ("127.0.0.1", "80:80", "free"),
        ("192.0.2.10", "80:80", "free"),
        ("198.51.100.9", "80:80", "unknown"),
        ("2001:db8::9", "80:80", "unknown"),
        ("198.51.100.9", "0.0.0.0:80:80", "free"),
        ("198.51.100.9", "192.0.2.10:80:80", "free"),
    ],
)
def test_the_address_that_the_engine_publishes_on_by_itself(default, publish, verdict):
    """Only containers on the default bridge are published there, and nobody said on which network this one will be."""
    evidence = host(engine=(replace(ENGINE, default_ip=default),))

    found = judge(evidence, publish, address_absent)

    assert verdicts(found) == [verdict]
    said = f"this host does not have {default}, where the engine publishes what its default bridge has; "
    said += "publish on an address, or correct ip in daemon.json"
    assert found.unjudged == ({"address_absent": said} if verdict == "unknown" else {})


def test_who_is_published_already_has_another_network():
    evidence = host(engine=(replace(ENGINE, default_ip="198.51.100.9"),), publications=(WEB_8080,))

    assert verdicts(judge(evidence, "8080:80", address_absent, "shop/web")) == ["free"]
