# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records import engines, rules
from ansible_collections.dockmaster.ports.plugins.module_utils._holder import containers
from ansible_collections.dockmaster.ports.plugins.module_utils._holder.containers import Container
from ansible_collections.dockmaster.ports.plugins.module_utils._holder.rules import deletion, named
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost

WEB, ENGINE = "w" * 64, "unix:///run/user/1000/docker.sock"
SEEN = Evidence(
    containers=(engines.Container(WEB, "web", ENGINE),),
)


def engine(status=200, state="running", policy="no"):
    body = {"Name": "/web", "State": {"Status": state}, "HostConfig": {"RestartPolicy": {"Name": policy}}}
    return ReplayHost({"api": {f"{ENGINE} /containers/{WEB}/json": [status, json.dumps(body)]}})


def test_on_whichever_engine_it_is():
    one = containers.container_of(engine(state="paused", policy="always"), SEEN, WEB)

    assert one == Container(ENGINE, WEB, "web", "paused", "always")
    assert one.runs
    assert containers.warning(one) == "web has the restart policy always: it starts again when the engine does"


def test_one_that_is_gone():
    assert containers.container_of(engine(), SEEN, "x" * 64) is None
    assert containers.container_of(engine(status=404), SEEN, WEB) is None


def test_one_that_was_not_seen():
    with pytest.raises(Unseen):
        containers.container_of(engine(), Evidence(), WEB)
    with pytest.raises(Unseen):
        containers.container_of(engine(status=500), SEEN, WEB)


class Action:
    def __init__(self):
        self.asked = []

    def post(self, path, body=None):
        self.asked.append((path, body))

    def delete(self, path):
        self.asked.append((path, None))


def test_what_the_engine_is_asked_for():
    action, one = Action(), Container(ENGINE, WEB, "web", "exited", "no")

    containers.stop(action, one, 3.7)
    containers.remove(action, one)

    assert action.asked == [
        (f"/containers/{WEB}/stop?t=3", None),
        (f"/containers/{WEB}?v=false&force=false", None),
    ]


RULES = [
    (
        rules.NatRule("iptables-nft", "ip", "nat", "DOCKER", 1, "-A DOCKER -p tcp --dport 80 -j DNAT --to-destination 172.17.0.9:80", "dnat"),
        "iptables-nft --wait 10 -t nat -D DOCKER -p tcp --dport 80 -j DNAT --to-destination 172.17.0.9:80",
    ),
    (
        rules.NatRule("iptables-legacy", "ip6", "raw", "PREROUTING", 1, '-A PREROUTING -m comment --comment "a b" -j DROP', "drop"),
        "ip6tables-legacy --wait 10 -t raw -D PREROUTING -m comment --comment a b -j DROP",
    ),
    (
        rules.NatRule("nft", "ip", "docker-bridges", "nat-prerouting-and-output", 1, "tcp dport 80 dnat to 172.17.0.9:80", "dnat", handle=17),
        "nft delete rule ip docker-bridges nat-prerouting-and-output handle 17",
    ),
]  # fmt: skip


@pytest.mark.parametrize("rule, command", RULES)
def test_which_command_removes_a_rule(rule, command):
    assert " ".join(deletion(rule)) == command
    assert named(rule)["before"] == f"{rule.text}\n"
