# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports that Windows keeps back: all four tables, or none."""

from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import ExcludedRange
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows import exclusions
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost

NONE = "\r\nProtokoll: Ports\r\n\r\n----------    --------\r\n\r\n* - Vom Administrator.\r\n\r\n"
SOME = (
    "\r\nProtocol tcp\r\n\r\n----------    --------\r\n      5357        5357\r\n     50000       50059     *\r\n\r\n"
)
TCP6 = "netsh interface ipv6 show excludedportrange protocol=tcp"
REQUEST = Request(("exclusions",), system="Windows")


def seen(**changed):
    ran = {str(command): [0, NONE, ""] for command in exclusions.commands(REQUEST)}
    return exclusions.probe(ReplayHost({"run": {**ran, **changed}}), Request(("exclusions",)), Evidence(), [])[
        "exclusions"
    ]


def test_a_host_without_any():
    assert seen() == ()


def test_a_row_is_of_its_table_and_says_whose_it_is():
    assert seen(**{TCP6: [0, SOME, ""]}) == (
        ExcludedRange(5357, 5357, "tcp", "ipv6"),
        ExcludedRange(50000, 50059, "tcp", "ipv6", administered=True),
    )


@pytest.mark.parametrize(
    "answer, why",
    [
        ([0, "", ""], f"{TCP6} printed nothing"),
        ([1, "", ""], f"{TCP6}: exit status 1"),
        ([1, "", "Zugriff\r\n verweigert\r\n"], f"{TCP6}: Zugriff verweigert"),
        ([1, "Element nicht gefunden.\r\n", ""], f"{TCP6}: Element nicht gefunden."),
    ],
)
def test_what_cannot_be_read_is_not_nothing(answer, why):
    with pytest.raises(Unseen) as caught:
        seen(**{TCP6: answer})

    assert caught.value.why == why
