# SPDX-License-Identifier: GPL-3.0-or-later
"""A host whose alternatives and whose engine are played: what is put back, and what is said of it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._backend.alternatives import Choice
from ansible_collections.dockmaster.ports.plugins.module_utils._backend.plan import Plan
from ansible_collections.dockmaster.ports.plugins.module_utils._backend.switch import PutBack, carry_out
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Output, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.restart import NotWhole
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.service import Failed, Refused

PATHS = {"legacy": "/sbin/iptables-legacy", "nft": "/sbin/iptables-nft"}
FOUR, SIX = (Choice(name, f"/sbin/{name}-nft", True, PATHS, "alt") for name in ("iptables", "ip6tables"))
CHANGED = ["alt --set iptables /sbin/iptables-legacy", "alt --set ip6tables /sbin/iptables-legacy"]
RESTORED = ["alt --auto iptables", "alt --auto ip6tables"]
NEEDS_RESTART = Plan("legacy", (FOUR, SIX), True, ())


class Played:
    """ran: what was asked of the host and its engine, in order. fails: what the first such thing ends with."""

    def __init__(self, fails):
        self.fails = dict(fails)
        self.ran = []
        self.restart = SimpleNamespace(run=lambda was: self.do(f"restart {was}"))
        self.was = "web"

    def run(self, *argv):
        return self.do(" ".join(argv)) or Output(0, "", "")

    def do(self, what):
        self.ran.append(what)
        failure = self.fails.pop(what, None)
        if isinstance(failure, Exception):
            raise failure
        return failure

    def prepare(self):
        self.do("prepare")


def look(settled=True, fails=None):
    def looked():
        if fails:
            raise fails
        return SimpleNamespace(settled=lambda _variant: settled)

    return looked


def test_it_works():
    played = Played({})

    carry_out(played, NEEDS_RESTART, played, look(), None)

    assert played.ran == ["prepare", *CHANGED, "restart web"]


BACK = "the alternatives are as before"
RESTARTED = f"{BACK}, and the engine was restarted"
FAILURES = [
    # what fails, how it looks then, what was done in the end, message
    ({CHANGED[1]: Output(2, "", "no")}, look(), RESTORED, f"alt --set ip6tables /sbin/iptables-legacy: no: {BACK}"),
    ({CHANGED[1]: Unseen("alt hangs")}, look(), RESTORED, f"alt hangs: {BACK}"),
    ({"restart web": Failed("it hangs")}, look(), [*RESTORED, "restart web"], f"it hangs: {RESTARTED}"),
    ({"restart web": NotWhole("web is down")}, look(), [*RESTORED, "restart web"], f"web is down: {RESTARTED}"),
    ({}, look(fails=Unseen("no answer")), [*RESTORED, "restart web"], f"no answer: {RESTARTED}"),
    (
        {},
        look(settled=False),
        [*RESTORED, "restart web"],
        f"the engine runs again, and its chains are not in legacy: {RESTARTED}",
    ),
    (
        {"restart web": Failed("it hangs"), RESTORED[0]: Output(2, "", "never")},
        look(),
        RESTORED[:1],
        "it hangs: not all is as before: alt --auto iptables: never",
    ),
]


@pytest.mark.parametrize("fails, looks, done, message", FAILURES)
def test_what_fails_is_put_back(fails, looks, done, message):
    played = Played(fails)

    with pytest.raises(PutBack) as raised:
        carry_out(played, NEEDS_RESTART, played, looks, None)

    assert str(raised.value) == message
    assert played.ran[-len(done) :] == done


def test_an_engine_that_does_not_keep_its_containers_is_left_alone():
    played = Played({"prepare": Refused("live-restore stays off")})

    with pytest.raises(Refused):
        carry_out(played, NEEDS_RESTART, played, look(), None)

    assert played.ran == ["prepare"]
