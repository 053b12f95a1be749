# SPDX-License-Identifier: GPL-3.0-or-later
"""Cause `ephemeral`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import ephemeral
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import DrawnRange, Platform
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    KERNEL,
    WEB_8080,
    host,
    judge,
    remedies,
    summaries,
    verdicts,
)

DRAWING = replace(KERNEL, port_range=(32768, 60999))


@pytest.mark.parametrize(
    "reserved, publish, expected",
    [
        (
            (),
            "40000:80",
            ["shop wants *:40000/tcp, but the kernel may give *:40000/tcp to any outgoing connection first"],
        ),
        (
            (),
            "127.0.0.1:40000:80/udp",
            [
                "shop wants 127.0.0.1:40000/udp, but the kernel may give 127.0.0.1:40000/udp to any outgoing connection first"
            ],
        ),
        (((40000, 40000),), "40000:80", []),
        (
            ((32768, 39999), (40001, 60999)),
            "40000:80",
            ["shop wants *:40000/tcp, but the kernel may give *:40000/tcp to any outgoing connection first"],
        ),
        (((1, 65535),), "40000:80", []),
        ((), "32767:80", []),
        ((), "61000:80", []),
        (
            (),
            "32700-32800:32700-32800",
            [
                "shop wants *:32700-32800/tcp, but the kernel may give *:32768-32800/tcp to any outgoing connection first"
            ],
        ),
    ],
)
def test_explain(reserved, publish, expected):
    found = judge(host(kernel=replace(DRAWING, reserved=reserved)), publish, ephemeral)

    assert summaries(found) == expected
    assert verdicts(found) == ["at_risk" if expected else "free"]


def test_offers_to_reserve_the_ports_that_are_drawn_from():
    remedy = judge(host(kernel=DRAWING), "32700-32800:32700-32800", ephemeral).findings[0].remedies[0]

    assert (remedy.id, remedy.params) == ("reserve_port", {"ports": ["32768-32800"]})


def test_who_has_the_port_already_need_not_fear_for_it():
    mine = replace(WEB_8080, first=40000, last=40000)

    assert verdicts(judge(host(kernel=DRAWING, publications=(mine,)), "40000:80", ephemeral, "shop/web")) == ["free"]


def test_a_mac_has_no_list_of_reserved_ports():
    found = judge(host(kernel=DRAWING, platform=Platform(system="Darwin")), "40000:80", ephemeral)

    assert (verdicts(found), remedies(found)) == (["at_risk"], [["move_want"]])


@pytest.mark.parametrize(
    "port_range, said, offered",
    [
        (
            (1024, 65535),
            "shop wants *:50000/tcp, but the kernel may give *:50000/tcp to any outgoing connection first;"
            " Windows draws from 49152 on by itself, and here it starts lower",
            ["restore_dynamic_range", "reserve_windows_port", "move_want"],
        ),
        (
            (32768, 65535),
            "shop wants *:50000/tcp, but the kernel may give *:50000/tcp to any outgoing connection first",
            ["reserve_windows_port", "move_want"],
        ),
        (
            (49152, 65535),
            "shop wants *:50000/tcp, but the kernel may give *:50000/tcp to any outgoing connection first",
            ["reserve_windows_port", "move_want"],
        ),
    ],
)
def test_windows_that_draws_from_1024_is_told_so(port_range, said, offered):
    kernel = replace(KERNEL, port_range=port_range)
    windows = host(kernel=kernel, platform=Platform(system="Windows"), exclusions=())

    found = judge(windows, "50000:80", ephemeral)

    assert (summaries(found), remedies(found)) == ([said], [offered])


LOW_TCP = replace(
    KERNEL,
    port_range=(1024, 65535),
    drawn=(
        *(DrawnRange(1024, 15000, "tcp", family) for family in ("ipv4", "ipv6")),
        DrawnRange(49152, 65535, "udp", "ipv4"),
    ),
)


@pytest.mark.parametrize(
    "publish, verdict, restores",
    [
        ("8080:80", "at_risk", True),
        ("8080:80/udp", "free", False),
        ("20000:80", "free", False),
        ("50000:80", "free", False),
        ("50000:80/udp", "at_risk", False),
        ("[::1]:50000:80/udp", "free", False),
        ("[::1]:8080:80", "at_risk", True),
    ],
)
def test_windows_has_a_range_for_each_family_and_protocol(publish, verdict, restores):
    found = judge(host(platform=Platform(system="Windows"), kernel=LOW_TCP, exclusions=()), publish, ephemeral)

    assert verdicts(found) == [verdict]
    assert any("restore_dynamic_range" in row for row in remedies(found)) is restores
