# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import placement

WANTED = {"DOCKMASTER": ["-g DOCKMASTER-OUTSIDE"], "DOCKMASTER-OUTSIDE": ["-o docker0 -j DROP"], "DOCKMASTER-INPUT": []}
ENGINES = {"INPUT": [], "FORWARD": ["-j DOCKER-USER", "-j DOCKER-FORWARD"], "DOCKER": [], "DOCKER-USER": ["-j RETURN"]}
LAID = {
    **ENGINES,
    "INPUT": ["-j DOCKMASTER-INPUT"],
    "DOCKER-USER": ["-j DOCKMASTER", "-j RETURN"],
    **WANTED,
}
MADE = [
    ":DOCKMASTER - [0:0]",
    ":DOCKMASTER-OUTSIDE - [0:0]",
    ":DOCKMASTER-INPUT - [0:0]",
    "-A DOCKMASTER -g DOCKMASTER-OUTSIDE",
    "-A DOCKMASTER-OUTSIDE -o docker0 -j DROP",
]

TRANSACTIONS = [
    ("what is wanted is there", LAID, []),
    ("nothing of ours", ENGINES, [*MADE, "-I DOCKER-USER 1 -j DOCKMASTER", "-I INPUT 1 -j DOCKMASTER-INPUT"]),
    (
        "no DOCKER-USER",
        {"INPUT": [], "FORWARD": []},
        [
            *MADE,
            "-N DOCKER-USER",
            "-I DOCKER-USER 1 -j DOCKMASTER",
            "-I FORWARD 1 -j DOCKER-USER",
            "-I INPUT 1 -j DOCKMASTER-INPUT",
        ],
    ),
    (
        "a chain that somebody changed",
        {**LAID, "DOCKMASTER-OUTSIDE": ["-o docker0 -j DROP", "-j ACCEPT"]},
        [":DOCKMASTER-OUTSIDE - [0:0]", "-A DOCKMASTER-OUTSIDE -o docker0 -j DROP"],
    ),
    (
        "order is state",
        {**LAID, "DOCKER-USER": ["-s 198.51.100.7/32 -j DROP", "-j DOCKMASTER", "-j RETURN"]},
        ["-D DOCKER-USER -j DOCKMASTER", "-I DOCKER-USER 1 -j DOCKMASTER"],
    ),
    (
        "a jump twice, once with a comment",
        {**LAID, "DOCKER-USER": ["-j DOCKMASTER", "-j RETURN", "-m comment --comment x -j DOCKMASTER"]},
        [
            "-D DOCKER-USER -j DOCKMASTER",
            "-D DOCKER-USER -m comment --comment x -j DOCKMASTER",
            "-I DOCKER-USER 1 -j DOCKMASTER",
        ],
    ),
    (
        "FORWARD does not begin with DOCKER-USER",
        {**LAID, "FORWARD": ["-j ts-forward", "-j DOCKER-USER"]},
        ["-D FORWARD -j DOCKER-USER", "-I FORWARD 1 -j DOCKER-USER"],
    ),
    ("FORWARD has lost its jump", {**LAID, "FORWARD": ["-j DOCKER-FORWARD"]}, ["-I FORWARD 1 -j DOCKER-USER"]),
    (
        "a chain of another release",
        {**LAID, "DOCKMASTER-OLD": ["-j DROP"]},
        [":DOCKMASTER-OLD - [0:0]", "-X DOCKMASTER-OLD"],
    ),
    ("a chain that only sounds like ours", {**LAID, "DOCKMASTERS": ["-j DROP"]}, []),
]

ABSENT = [
    ("nothing of ours", ENGINES, []),
    (
        "ours beside the engine's",
        LAID,
        [
            ":DOCKMASTER - [0:0]",
            ":DOCKMASTER-OUTSIDE - [0:0]",
            ":DOCKMASTER-INPUT - [0:0]",
            "-D DOCKER-USER -j DOCKMASTER",
            "-D INPUT -j DOCKMASTER-INPUT",
            "-X DOCKMASTER",
            "-X DOCKMASTER-OUTSIDE",
            "-X DOCKMASTER-INPUT",
        ],
    ),
    (
        "where no engine writes rules, DOCKER-USER was ours",
        {"FORWARD": ["-j DOCKER-USER"], "DOCKER-USER": ["-j DOCKMASTER"], "DOCKMASTER": []},
        [
            ":DOCKMASTER - [0:0]",
            "-D DOCKER-USER -j DOCKMASTER",
            "-X DOCKMASTER",
            "-D FORWARD -j DOCKER-USER",
            "-X DOCKER-USER",
        ],
    ),
    (
        "unless somebody else uses it",
        {"FORWARD": ["-j DOCKER-USER"], "DOCKER-USER": ["-j DOCKMASTER", "-j DROP"], "DOCKMASTER": []},
        [":DOCKMASTER - [0:0]", "-D DOCKER-USER -j DOCKMASTER", "-X DOCKMASTER"],
    ),
]


def lines(transaction):
    """Of a transaction, between its table and its end."""
    if not transaction:
        return []
    first, *middle, last, end = transaction.split("\n")
    assert (first, last, end) == ("*filter", "COMMIT", "")
    return middle


@pytest.mark.parametrize("there, expected", [row[1:] for row in TRANSACTIONS], ids=[row[0] for row in TRANSACTIONS])
def test_transaction(there, expected):
    assert lines(placement.transaction(there, WANTED)) == expected


@pytest.mark.parametrize("there, expected", [row[1:] for row in ABSENT], ids=[row[0] for row in ABSENT])
def test_absent(there, expected):
    assert lines(placement.transaction(there, None)) == expected


def test_held():
    assert placement.held(LAID) == list(placement.PLACES)
    assert placement.held(ENGINES) == [("FORWARD", "DOCKER-USER")]


def test_chains_are_the_same_in_the_same_order():
    assert placement.same(["-j A", "-j B"], ["-j A", "-j B"])
    assert not placement.same(["-j B", "-j A"], ["-j A", "-j B"])
    assert not placement.same(["-j A"], ["-j A", "-j A"])
    assert not placement.same(None, [])
