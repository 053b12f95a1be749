# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._backend.alternatives import Choice
from ansible_collections.dockmaster.ports.plugins.module_utils._backend.leftovers import Leftovers
from ansible_collections.dockmaster.ports.plugins.module_utils._backend.plan import Refused, describe, plan

TAKES = {"legacy": "", "nft": ""}
NO_LEGACY = {"legacy": "iptables-legacy: can't initialize iptables table `nat'", "nft": ""}
NEITHER = {"legacy": "no legacy", "nft": "no nft"}
LEFT = (Leftovers("ip", "nat", ("-A DOCKER -j RETURN",), ("DOCKER",)),)
BLOCKED = (Leftovers("ip", "filter", ("-A FORWARD -o docker0 -j DOCKER",), blocks=True),)
PATHS = {"legacy": "/usr/sbin/iptables-legacy", "nft": "/usr/sbin/iptables-nft"}


class State:
    """What a plan looks at. at: where the engine has its chains; left: by variant."""

    def __init__(self, variant="nft", at=("nft",), left=None, engine="engine", paths=None):
        paths = PATHS if paths is None else paths
        self.variant = variant
        self.engine = engine
        self.choices = tuple(Choice(p, f"/usr/sbin/{p}-{variant}", True, paths, "x") for p in ("iptables", "ip6tables"))
        self.settled = lambda wanted: wanted in at
        self.left = lambda wanted: (left or {}).get(wanted, ())


PLANS = [
    # state, wished, refusals: variant, whether alternatives change, restart, rules that go
    (State(), "auto", TAKES, ("nft", False, False, 0)),
    (State(at=("nft", "legacy"), left={"legacy": LEFT}), "auto", TAKES, ("nft", False, False, 1)),
    (State(at=("legacy",), left={"legacy": LEFT}), "auto", TAKES, ("nft", False, True, 1)),
    (State(), "legacy", TAKES, ("legacy", True, True, 0)),
    (State("legacy", at=(), left={}), "auto", NO_LEGACY, ("nft", True, True, 0)),
    (State("", at=()), "auto", TAKES, ("legacy", True, True, 0)),
    (State(engine=None), "legacy", TAKES, ("legacy", True, False, 0)),
    (State(engine=None, left={"legacy": LEFT}), "nft", TAKES, ("nft", False, False, 0)),
    # beside another firewall that drops: the engine goes where that is
    (State(at=("nft",), left={"legacy": BLOCKED}), "auto", TAKES, ("legacy", True, True, 0)),
]
REFUSED = [
    (State(), "legacy", NO_LEGACY, "this kernel does not take what legacy needs: iptables-legacy: can't initialize iptables table `nat'"),
    (State(), "auto", NEITHER, "legacy: no legacy; nft: no nft"),
    (State(paths={"nft": "/x"}), "legacy", TAKES, "the legacy variant of iptables, ip6tables is not installed"),
    (
        State(left={"legacy": BLOCKED}),
        "nft",
        TAKES,
        "in legacy, FORWARD has the policy DROP and rules of another firewall: without the engine's own rules there, "
        "published ports would be dropped; use legacy for the engine too, or move that firewall to nft",
    ),
]  # fmt: skip


@pytest.mark.parametrize("state, wished, refusals, expected", PLANS)
def test_plan(state, wished, refusals, expected):
    todo = plan(state, wished, refusals, sweep=True)

    assert (todo.variant, bool(todo.choose), todo.restart, len(todo.removed)) == expected


@pytest.mark.parametrize("state, wished, refusals, message", REFUSED)
def test_refused(state, wished, refusals, message):
    with pytest.raises(Refused) as raised:
        plan(state, wished, refusals, sweep=True)

    assert str(raised.value) == message


def test_nothing_is_left_over_while_the_engine_uses_it():
    todo = plan(State(at=("legacy",), left={"legacy": LEFT}), "nft", TAKES, sweep=True, may_restart=False)

    assert (todo.restart, todo.sweep) == (True, ())


def test_describe():
    todo = plan(State("legacy", at=("legacy",), left={"legacy": LEFT}), "nft", TAKES, sweep=True)

    assert [part["before"] for part in describe(todo)] == [
        "iptables is /usr/sbin/iptables-legacy (chosen by the distribution)\n",
        "ip6tables is /usr/sbin/ip6tables-legacy (chosen by the distribution)\n",
        "-A DOCKER -j RETURN\n-N DOCKER\n",
    ]
