# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Container, NetworkEndpoint
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import NatRule
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.plugins.module_utils._holder import endpoints
from ansible_collections.dockmaster.ports.plugins.module_utils._holder.process import Refused
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen

WEB, ENGINE = "d" * 64, "unix:///run/user/1000/docker.sock"
GHOST = NetworkEndpoint("my net", "br-1", "172.18.0.0/16", "", "db", "172.18.0.9", ENGINE)
NETWORK = NetworkEndpoint("my net", "br-1", "172.18.0.0/16", engine=ENGINE)
DEFAULT = NetworkEndpoint("bridge", "docker0", "172.18.0.0/16", engine=ENGINE)
MEMBER = NetworkEndpoint("my net", "br-1", "172.18.0.0/16", WEB, "web", "172.18.0.2", ENGINE)
TAKEN = replace(MEMBER, ip="172.18.0.9")  # a container that got the ghost's address
RULE = NatRule(
    "iptables-nft", "ip", "nat", "DOCKER", 2, "-A DOCKER ...", "dnat", "tcp", first=8080, last=8080,
    to_ip="172.18.0.9", to_first=80, to_last=80, hooks=("prerouting",), owner="docker",
)  # fmt: skip
SEEN = Evidence(
    containers=(Container(WEB, "web", ENGINE),),
    endpoints=(NETWORK, MEMBER, GHOST),
    sockets=(Socket("0.0.0.0", "tcp", 8080, pid=7, command="docker-proxy"),),
    publications=(),
    nat=(RULE,),
)
ELSEWHERE = "the engine has 0.0.0.0:8080/tcp for 172.18.0.9, and no network lists it: restart the engine"
INSTEAD = (
    "the engine would cut container {} off network my net instead of the endpoint {}:"
    " restart the engine, or rename that container until the endpoint is cut off"
)


def test_one_that_a_network_lists():
    assert endpoints.ghost_of(SEEN, "172.18.0.9") == GHOST
    assert endpoints.held_for(SEEN, "172.18.0.9") == ["0.0.0.0:8080/tcp"]


@pytest.mark.parametrize("gone", [{"sockets": ()}, {"nat": ()}])
def test_one_that_has_no_port(gone):
    assert endpoints.ghost_of(replace(SEEN, **gone), "172.18.0.9") is None


REFUSED = [
    ("of a container", {}, "172.18.0.2", "172.18.0.2 is of a container (web), so its endpoint is not a ghost"),
    (
        "no network lists it",
        {"endpoints": (NETWORK, MEMBER)},
        "172.18.0.9",
        f"{ELSEWHERE}; if it comes back at each start, remove network my net and make it anew",
    ),
    (
        "a container has its address by now",
        {"endpoints": (NETWORK, TAKEN)},
        "172.18.0.9",
        f"{ELSEWHERE}; if it comes back at each start, remove network my net and make it anew",
    ),
    (
        "of the network that cannot be removed",
        {"endpoints": (DEFAULT,)},
        "172.18.0.9",
        f"{ELSEWHERE}; if it comes back at each start, stop the engine, move its network/files/local-kv.db away,"
        " and make its other networks anew",
    ),
    ("its network is gone, too", {"endpoints": ()}, "172.18.0.9", ELSEWHERE),
    ("a namesake", {"containers": (Container(WEB, "db", ENGINE),)}, "172.18.0.9", INSTEAD.format("db", "db")),
    ("an id", {"endpoints": (replace(GHOST, name="ddd"),)}, "172.18.0.9", INSTEAD.format("web", "ddd")),
]


@pytest.mark.parametrize("sections, address, said", [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_refused(sections, address, said):
    with pytest.raises(Refused) as raised:
        endpoints.ghost_of(replace(SEEN, **sections), address)

    assert str(raised.value) == said


def test_a_namesake_on_another_engine():
    elsewhere = replace(SEEN, containers=(Container(WEB, "db", "unix:///run/docker.sock"),))

    assert endpoints.ghost_of(elsewhere, "172.18.0.9") == GHOST


@pytest.mark.parametrize("section", ["containers", "endpoints", "sockets", "nat"])
def test_what_was_not_seen(section):
    with pytest.raises(Unseen) as raised:
        endpoints.ghost_of(replace(SEEN, **{section: None}), "172.18.0.9")

    assert str(raised.value) == f"{section} was not gathered"


class Action:
    def __init__(self):
        self.asked = []

    def post(self, path, body=None):
        self.asked.append((path, body))


def test_what_the_engine_is_asked_for():
    action = Action()

    endpoints.cut_off(action, GHOST)

    assert action.asked == [("/networks/my%20net/disconnect", {"Container": "db", "Force": True})]
