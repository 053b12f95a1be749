# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters diagnose, claims and free_ports: the same as the judge says, and one clear error."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.dockmaster.ports.plugins.filter.claims import claims
from ansible_collections.dockmaster.ports.plugins.filter.diagnose import diagnose
from ansible_collections.dockmaster.ports.plugins.filter.free_ports import free_ports
from ansible_collections.dockmaster.ports.plugins.module_utils._causes.catalogue import CAUSES
from ansible_collections.dockmaster.ports.plugins.module_utils._check import check
from ansible_collections.dockmaster.ports.plugins.module_utils._collect import sections_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core import diagnosis
from ansible_collections.dockmaster.ports.plugins.module_utils._core.dump import dump
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.policy import policy_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import wants_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Engine
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Kernel
from ansible_collections.dockmaster.ports.plugins.module_utils._core.result import as_plain
from ansible_collections.dockmaster.ports.plugins.module_utils._live_host import LiveHost
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import NGINX, WEB_8080, host

EVIDENCE = host(sockets=(NGINX,), publications=(WEB_8080,))
FACTS = dump(EVIDENCE)


def test_diagnose_is_the_judge():
    publish = ["80:80", "8080:80", "9000:80"]
    judged = diagnosis.diagnose(EVIDENCE, wants_of(publish, "shop/new"), CAUSES)

    assert diagnose(FACTS, publish, by="shop/new") == as_plain(judged)


@pytest.mark.parametrize("policy", [None, {"rules": {"*": ["pinned", "unprivileged"]}}])
def test_every_door_says_the_same(policy):
    """Live on a host, over its facts, and over a saved report."""
    publish = [{"publish": "80:80", "by": "shop/web", "replica": 2}, {"publish": "8080-8090:80", "by": "shop/db"}]
    conventions = policy_of(policy) if policy else None
    request = Request(sections=sections_of(["all"]), name="here")
    evidence, found = check(LiveHost(), request, wants_of(publish), False, conventions)
    live, facts = as_plain(found), dump(evidence)

    assert diagnose(facts, publish, policy=policy) == live
    assert diagnose(json.loads(json.dumps(facts)), publish, policy=policy) == live
    assert [want["replica"] for want in live["wants"]] == [2, 1]
    assert [one["holder"]["name"] for one in live["findings"] if one["cause"] == "policy"] == (
        ["unprivileged", "pinned"] if policy else []
    )


def test_a_finding_can_be_asked_for_again():
    """All that makes a want is in its result: a second look at a replica's want is a look at the same one."""
    publish = [{"publish": "8080:80", "by": "shop/web", "replica": replica} for replica in (1, 2)]
    first = diagnose(FACTS, publish)
    again = [{key: one["want"][key] for key in ("publish", "by", "replica")} for one in first["findings"]]

    assert again[0]["replica"] == 1
    assert diagnose(FACTS, [again[0], again[-1]])["findings"] == first["findings"]


def test_claims_are_one_row_a_binding():
    rows = [(row["binding"], row["hold"], row["holder"]["kind"], row["holder"]["name"]) for row in claims(FACTS)]

    assert rows == [
        ("0.0.0.0:80/tcp", "bound", "unit", "nginx.service"),
        ("0.0.0.0:8080/tcp", "bound", "container", "web"),
    ]


@pytest.mark.parametrize(
    "options, ports",
    [
        ({"band": "8079-8082"}, [8079]),
        ({"band": "8079-8082", "count": 9}, [8079, 8081, 8082]),
        ({"band": "8079-8082", "near": 8080}, [8081]),
        ({"band": "80", "count": 3}, []),
        ({"band": "80", "protocol": "udp"}, [80]),
    ],
)
def test_free_ports(options, ports):
    assert free_ports(FACTS, **options) == ports


HUNG = Blind("publications", "no answer within 10 s", part="publications of unix:///srv/two.sock")


def test_free_ports_are_not_drawn_by_the_kernel():
    facts = dump(replace(EVIDENCE, kernel=Kernel(port_range=(32768, 60999))))

    assert free_ports(facts, "32766-32770", count=9) == [32766, 32767]


@pytest.mark.parametrize(
    "call, message",
    [
        (
            lambda: diagnose([], ["80:80"]),
            "dockmaster.ports.diagnose: '[]' is not evidence: expected what port_facts returns, "
            "such as ansible_facts['ports']",
        ),
        (
            lambda: diagnose({"schema": 7}, ["80:80"]),
            "dockmaster.ports.diagnose: the evidence has schema 7, and this release of dockmaster.ports reads 1: "
            "gather it again with the dockmaster.ports release installed on this controller",
        ),
        (
            lambda: diagnose(FACTS, ["80:80"], policy={"rule": {}}),
            "dockmaster.ports.diagnose: 'rule' is not a key of the policy: "
            "expected bands, container_ports, owners, rules, ephemeral",
        ),
        (
            lambda: claims({"schema": 1, "sockets": 5}),
            "dockmaster.ports.claims: evidence.sockets is int '5': expected a list",
        ),
        (
            lambda: free_ports(FACTS, "9-8"),
            "dockmaster.ports.free_ports: '9-8' is not a rising range of ports within 1-65535: "
            "expected one such as 8000-8999",
        ),
        (
            lambda: free_ports(FACTS, "8000", protocol="icmp"),
            "dockmaster.ports.free_ports: protocol: 'icmp' is not one of tcp, udp, sctp, such as 'tcp'",
        ),
        (
            lambda: free_ports(dump(replace(EVIDENCE, sockets=None)), "8000"),
            "dockmaster.ports.free_ports: the facts do not show what is taken: sockets was not gathered",
        ),
        (
            lambda: free_ports(dump(replace(EVIDENCE, kernel=None)), "8000"),
            "dockmaster.ports.free_ports: the facts do not show what is taken: kernel was not gathered",
        ),
        (
            lambda: free_ports(dump(replace(EVIDENCE, blind=(HUNG,))), "8000"),
            "dockmaster.ports.free_ports: the facts do not show what is taken: "
            "publications of unix:///srv/two.sock: no answer within 10 s",
        ),
        (
            lambda: free_ports(dump(replace(EVIDENCE, engine=(Engine(endpoint="tcp://192.0.2.7:2376"),))), "8000"),
            "dockmaster.ports.free_ports: the facts do not show what is taken: "
            + "; ".join(
                f"{section}: tcp://192.0.2.7:2376 takes its ports where it runs, and no dockerd of this host was seen "
                "to listen there; look from the engine's own host and network"
                for section in ("sockets", "nat", "kernel")
            ),
        ),
    ],
)
def test_says_what_is_wrong(call, message):
    with pytest.raises(AnsibleFilterError) as caught:
        call()

    assert str(caught.value) == message


def test_a_published_port_that_does_not_parse_is_quoted():
    with pytest.raises(AnsibleFilterError, match=r"^dockmaster.ports.diagnose: .*'90-80'"):
        diagnose(FACTS, ["90-80"])
