# SPDX-License-Identifier: GPL-3.0-or-later
"""When engines are asked for their networks, and what those tell."""

from __future__ import annotations

import json
import typing as t
from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import (
    Container,
    Engine,
    NetworkEndpoint,
    Publication,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import NatRule
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Answer, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import networks
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.engine_recordings import (
    API,
    ENDPOINT,
    ID,
    document,
)
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.engine_words import MadeHost

WHOLE = Request(("engine", "containers", "publications", "endpoints", "sockets", "nat"))
WEB = NetworkEndpoint("bridge", "docker0", "172.17.0.0/16", ID, "web", "172.17.0.2", ENDPOINT)
HAS = Publication(ID, "web", "web", "tcp", 8080, 8082, 80, ip="0.0.0.0", actual=True, engine=ENDPOINT)
RULE = NatRule(
    "iptables-nft",
    "ip",
    "nat",
    "DOCKER",
    1,
    "-A DOCKER",
    "dnat",
    "tcp",
    "",
    8080,
    8080,
    to_ip="172.17.0.2",
    owner="docker",
)
DROP = NatRule(
    "iptables-nft",
    "ip",
    "raw",
    "PREROUTING",
    1,
    "-A",
    "drop",
    ip="172.17.0.2",
    not_in_interface="docker0",
    owner="docker",
)
PROXY = Socket("0.0.0.0", "tcp", 8080, pid=7, command="docker-proxy")
HEALTHY = Evidence(
    engine=(Engine(endpoint=ENDPOINT),),
    containers=(Container(ID, "web", ENDPOINT),),
    publications=(HAS,),
    endpoints=(WEB,),
    sockets=(PROXY, Socket("0.0.0.0", "tcp", 22, pid=9, command="sshd")),
    nat=(RULE, DROP),
)
HIDDEN = Blind("sockets", "hidden", part="owners of 3 sockets")
STRANGER = Socket("0.0.0.0", "tcp", 9999)
NETWORK = {
    "Name": "bridge",
    "Id": "1" * 64,
    "Driver": "bridge",
    "Options": {"com.docker.network.bridge.name": "docker0"},
}
LISTED = [{**NETWORK, "IPAM": {"Config": [{"Subnet": "172.17.0.0/16"}]}}]
MEMBERS = {
    ID: {"Name": "web", "IPv4Address": "172.17.0.2/16"},
    "ep-9": {"Name": "lost", "IPv4Address": "172.17.0.9/16"},
}


def host(**paths: t.Any) -> MadeHost:
    known = {"/networks": LISTED, f"/networks/{'1' * 64}": {**NETWORK, "Containers": MEMBERS}, **paths}

    def api(_endpoint: str, path: str) -> Answer:
        reply = known[path]
        return reply if isinstance(reply, Answer) else Answer(200, json.dumps(reply))

    return MadeHost(api=api)


CASES = {
    # what was seen                                                              whether networks are asked for
    "all of it leads to containers": (HEALTHY, False),
    "nothing was seen": (Evidence(), False),
    "rules were not seen": (replace(HEALTHY, nat=None), False),
    "a swarm": (replace(HEALTHY, engine=(Engine(endpoint=ENDPOINT, swarm="active"),)), True),
    "a rule to nobody": (replace(HEALTHY, nat=(replace(RULE, to_ip="172.17.0.9"),)), True),
    "a rule for a port that nobody publishes": (replace(HEALTHY, nat=(replace(RULE, first=9999, last=9999),)), True),
    "the same of another protocol": (replace(HEALTHY, nat=(replace(RULE, protocol="udp"),)), True),
    "somebody else's rule": (replace(HEALTHY, nat=(replace(RULE, to_ip="10.0.0.1", owner="other"),)), False),
    "a rule that returns": (replace(HEALTHY, nat=(replace(RULE, to_ip="", action="return"),)), False),
    "a drop before nobody": (replace(HEALTHY, nat=(replace(DROP, ip="172.17.0.9"),)), True),
    "a drop before loopback": (replace(HEALTHY, nat=(replace(DROP, ip="127.0.0.1", not_in_interface="lo"),)), False),
    "a proxy for nobody": (replace(HEALTHY, sockets=(replace(PROXY, port=9999),)), True),
    "dockerd for nobody": (replace(HEALTHY, sockets=(replace(PROXY, port=9999, command="dockerd"),)), True),
    "a port of a range": (replace(HEALTHY, sockets=(replace(PROXY, port=8082),)), False),
    "somebody hidden": (replace(HEALTHY, sockets=(STRANGER,), blind=(HIDDEN,)), True),
    "the kernel": (replace(HEALTHY, sockets=(STRANGER,)), False),
    "a port that a container is configured for": (
        replace(HEALTHY, publications=(replace(HAS, actual=False),)),
        True,
    ),
}


@pytest.mark.parametrize("evidence, asks", CASES.values(), ids=CASES.keys())
def test_networks_are_asked_for_where_something_has_no_explanation(evidence: Evidence, asks: bool) -> None:
    machine, blind = host(), []  # type: t.Any, t.List[Blind]
    found = networks.probe(machine, WHOLE, evidence, blind)
    assert machine.called == ([f"{ENDPOINT} /networks", f"{ENDPOINT} /networks/{'1' * 64}"] if asks else [])
    assert blind == []
    told = [(one.name, one.ip, one.container) for one in found.get("endpoints", ())]
    assert told == ([("", "", ""), ("web", "172.17.0.2", ID), ("lost", "172.17.0.9", "")] if asks else [])


def test_where_not_all_is_gathered_the_engine_probe_has_asked() -> None:
    orphan = replace(HEALTHY, nat=(replace(RULE, to_ip="172.17.0.9"),))
    assert networks.probe(MadeHost(), Request(("endpoints", "nat")), orphan, []) == {}


LOOSE = replace(HEALTHY, nat=(replace(RULE, to_ip="172.17.0.9"),))


def test_networks_that_are_not_told_leave_what_the_list_of_containers_told() -> None:
    blind: t.List[Blind] = []
    failing = Answer(500, '{"message":"no"}')
    found = networks.probe(host(**{"/networks": failing}), WHOLE, LOOSE, blind)
    assert found == {"endpoints": (WEB,)}
    why = f"{ENDPOINT}: GET /networks was answered with 500: no; see the engine's log"
    assert [(one.section, str(one), one.hides) for one in blind] == [
        ("endpoints", f"networks of {ENDPOINT}: {why}", True)
    ]


def test_a_network_that_is_removed_meanwhile_has_no_members() -> None:
    gone = {f"/networks/{'1' * 64}": Answer(404, "")}
    found = networks.probe(host(**gone), WHOLE, LOOSE, [])
    assert [(one.network, one.subnet, one.ip) for one in found["endpoints"]] == [("bridge", "172.17.0.0/16", "")]


def test_an_engine_that_does_not_run_is_not_called() -> None:
    stopped = Engine(endpoint="unix:///srv/two.sock", state="stopped")
    machine = host()
    networks.probe(machine, WHOLE, replace(LOOSE, engine=(stopped, *(LOOSE.engine or ()))), [])
    assert {one.split()[0] for one in machine.called} == {ENDPOINT}


def test_an_engine_that_hung_is_not_called_again() -> None:
    """It would cost the same time once more."""
    hung = Engine(endpoint="unix:///srv/two.sock")
    blind = (Blind("endpoints", "no answer within 5 s", part="endpoints of unix:///srv/two.sock"),)
    machine = host()
    networks.probe(machine, WHOLE, replace(LOOSE, engine=(hung, *(LOOSE.engine or ())), blind=blind), [])
    assert {one.split()[0] for one in machine.called} == {ENDPOINT}


@pytest.mark.parametrize("version", API)
def test_networks_of_real_swarms(version: str) -> None:
    inspected = document(f"{version}-swarm", "services", "docker-network-inspect")
    paths = {f"/networks/{one['Id']}": one for one in inspected}
    machine = host(**{"/networks": [{**one, "Containers": {}} for one in inspected], **paths})
    containers = tuple(
        Container(one["Id"], one["Names"][0]) for one in document(f"{version}-swarm", "services", "api-containers")
    )
    found = networks.probe(machine, WHOLE, replace(LOOSE, containers=containers), [])["endpoints"]
    names = {one.name for one in found if not one.container}
    assert {"gateway_ingress-sbox", "ingress-endpoint"} <= names
    gateways = [one for one in found if one.bridge == "docker_gwbridge" and one.ip]
    assert len(gateways) == 2 and {bool(one.container) for one in gateways} == {True, False}
    assert {one.bridge for one in found} == {"docker0", "docker_gwbridge", ""}
    assert {one.subnet for one in found if one.bridge == "docker0"} == {"172.17.0.0/16"}


ODD = [
    [7, None, {"Driver": "bridge"}, {"Driver": "bridge", "Id": "../x"}],
    [{"Driver": "bridge", "Id": "1" * 64, "IPAM": [], "Containers": 7}],
]


@pytest.mark.parametrize("listed", ODD)
def test_nonsense_tells_no_more_than_the_list_of_containers(listed: t.List[t.Any]) -> None:
    odd = {"/networks": listed, f"/networks/{'1' * 64}": {"Containers": {"x": {"IPv4Address": "here/16"}, "y": 7}}}
    assert networks.probe(host(**odd), WHOLE, LOOSE, []) == {"endpoints": (WEB,)}


def test_a_host_that_says_nothing_more_is_blind() -> None:
    def api(_endpoint: str, _path: str) -> Answer:
        raise Unseen("it hangs")

    blind: t.List[Blind] = []
    assert networks.probe(MadeHost(api=api), WHOLE, LOOSE, blind) == {"endpoints": (WEB,)}
    assert [str(one) for one in blind] == [f"networks of {ENDPOINT}: it hangs"]
