# SPDX-License-Identifier: GPL-3.0-or-later
"""Cause `excluded_range`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import excluded_range
from ansible_collections.dockmaster.ports.plugins.module_utils._causes.catalogue import CAUSES
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import diagnose
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import wants_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.binds import Bind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import ExcludedRange, Platform
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    ENGINE,
    KERNEL,
    WEB,
    WEB_8080,
    host,
    judge,
    remedies,
    summaries,
    verdicts,
)

WINDOWS = Platform(system="Windows", distribution="windows")
MIRRORED = Platform(wsl="2", wsl_networking="mirrored")
RELAYED = Platform(wsl="2", wsl_networking="nat")
BLOCK = (ExcludedRange(8037, 8136, "tcp", "ipv4"), ExcludedRange(8037, 8136, "tcp", "ipv6"))
SINGLE = (ExcludedRange(5357, 5357, "tcp", "ipv4"),)
ADMINISTERED = tuple(replace(one, administered=True) for one in BLOCK)
REFUSED = "shop wants *:8080/tcp, but *:8080/tcp is in Windows' excluded range 8037-8136, which refuses every bind"

ROWS = [
    # rows        wanted              what is said
    (BLOCK, "8080:80", [REFUSED]),
    (BLOCK, "8136:80", [REFUSED.replace("*:8080", "*:8136")]),
    (BLOCK, "8036:80", []),
    (BLOCK, "8137:80", []),
    (BLOCK, "8080:80/udp", []),
    (BLOCK, "127.0.0.1:8080:80", [REFUSED.replace("*:8080", "127.0.0.1:8080")]),
    (BLOCK[:1], "[::1]:8080:80", []),
    (BLOCK[:1], "8080:80", [REFUSED.replace("but *:8080", "but 0.0.0.0:8080")]),
    (BLOCK, "8130-8140:80-90", [REFUSED.replace("wants *:8080", "wants *:8130-8140").replace("but *:8080", "but *:8130-8136")]),
    (BLOCK, "8130-8140:80", []),
    (SINGLE, "5357:80",
     ["shop wants *:5357/tcp, but 0.0.0.0:5357/tcp is in Windows' excluded range 5357, which refuses every bind"]),
    (ADMINISTERED, "8080:80", []),
    ((), "8080:80", []),
]  # fmt: skip


@pytest.mark.parametrize("rows, publish, said", ROWS)
def test_explain(rows, publish, said):
    found = judge(host(platform=WINDOWS, exclusions=rows), publish, excluded_range)

    assert summaries(found) == said
    assert verdicts(found) == ["blocked" if said else "free"]


def test_windows_containers_are_refused_reserved_ports_too():
    evidence = host(platform=WINDOWS, exclusions=ADMINISTERED, engine=(replace(ENGINE, os_type="windows"),))

    found = judge(evidence, "8080:80", excluded_range)

    assert summaries(found) == [
        "shop wants *:8080/tcp, but *:8080/tcp is in Windows' reserved range 8037-8136, and Windows containers are "
        "refused its ports"
    ]
    assert remedies(found) == [["move_want", "release_windows_port"]]
    assert found.findings[0].remedies[1].params == {"ports": ["8080"], "protocol": "tcp"}  # the rest of the row stays


def test_remedies():
    block = judge(host(platform=WINDOWS, exclusions=BLOCK), "8080:80", excluded_range)
    single = judge(host(platform=WINDOWS, exclusions=SINGLE), "5357:80", excluded_range)

    assert remedies(block) == [["move_want", "reserve_windows_port", "restart_winnat"]]
    assert block.findings[0].remedies[1].params == {"ports": ["8080"], "protocol": "tcp"}
    assert block.findings[0].remedies[2].disrupts == "NAT of Windows containers, WSL and Hyper-V, while it restarts"
    assert remedies(single) == [["move_want"]]


def test_a_container_that_has_the_port_cannot_have_it_again():
    evidence = host(platform=WINDOWS, exclusions=BLOCK, containers=(WEB,), publications=(WEB_8080,))

    found = judge(evidence, "0.0.0.0:8080:80", excluded_range, by="shop/web")

    assert verdicts(found) == ["at_risk"]
    assert summaries(found) == [
        "shop/web wants 0.0.0.0:8080/tcp, but 0.0.0.0:8080/tcp is in Windows' excluded range 8037-8136, which refuses it"
        " once it has let go of the port"
    ]
    assert remedies(found) == [["move_want"]]
    assert verdicts(judge(evidence, "0.0.0.0:8080:80", excluded_range, by="shop/other")) == ["blocked"]


@pytest.mark.parametrize(
    "platform, verdict", [(WINDOWS, "unknown"), (MIRRORED, "unknown"), (Platform(), "free"), (None, "free")]
)
def test_only_windows_keeps_ports_back(platform, verdict):
    """Linux and macOS have no such list, and not having it is no blind spot."""
    assert verdicts(judge(host(platform=platform, exclusions=None), "8080:80", excluded_range)) == [verdict]


@pytest.mark.parametrize(
    "platform, verdict, end",
    [
        (MIRRORED, "blocked", "which refuses every bind"),
        (RELAYED, "at_risk", "localhost cannot lead to *:8080/tcp, which is in Windows' excluded range 8037-8136"),
    ],
)
def test_a_distribution_of_wsl(platform, verdict, end):
    found = judge(host(platform=platform, exclusions=BLOCK), "8080:80", excluded_range)

    assert verdicts(found) == [verdict]
    assert summaries(found)[0].endswith(end)


def test_a_bind_that_passed_says_as_much():
    """Of WSL's: ports that .wslconfig names in ignoredPorts are not asked for."""
    binds = (Bind("0.0.0.0", "tcp", 8080), Bind("::", "tcp", 8080))

    assert verdicts(judge(host(platform=MIRRORED, exclusions=None, binds=binds), "8080:80", excluded_range)) == ["free"]


@pytest.mark.parametrize(
    "rows, publish, verdict",
    [
        ((), "50010:80", "at_risk"),
        (tuple(ExcludedRange(50000, 50059, "tcp", one, True) for one in ("ipv4", "ipv6")), "50010:80", "free"),
        (tuple(ExcludedRange(50000, 50059, "tcp", one, True) for one in ("ipv4", "ipv6")), "50010:80/udp", "at_risk"),
        ((ExcludedRange(50000, 50059, "tcp", "ipv4", True),), "50010:80", "at_risk"),
        ((ExcludedRange(50000, 50059, "tcp", "ipv4", True),), "127.0.0.1:50010:80", "free"),
    ],
)
def test_reserved_ports_are_given_to_no_client(rows, publish, verdict):
    kernel = replace(KERNEL, port_range=(49152, 65535))
    evidence = host(platform=WINDOWS, kernel=kernel, exclusions=rows)

    assert verdicts(diagnose(evidence, wants_of(publish, "shop"), CAUSES)) == [verdict]
