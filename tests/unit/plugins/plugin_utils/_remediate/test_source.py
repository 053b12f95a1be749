# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings by every door, and what their absence is worth."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes.catalogue import CAUSES
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import diagnose
from ansible_collections.dockmaster.ports.plugins.module_utils._core.dump import dump
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import wants_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Container, Publication
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import NatRule
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.plugins.module_utils._core.result import as_plain
from ansible_collections.dockmaster.ports.plugins.plugin_utils._remediate.plan import PlanError, plan
from ansible_collections.dockmaster.ports.plugins.plugin_utils._remediate.source import (
    of_check,
    of_evidence,
    of_report,
    still_of,
)
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    ENDPOINT,
    NETWORK,
    NGINX,
    PYTHON,
    WEB,
    host,
)

LATE = Container("b" * 64, "late", ENDPOINT, state="exited", project="shop", service="late", restart="no")
LATE_80 = Publication("b" * 64, "late", "shop/late", "tcp", 80, 80, 80, state="exited", engine=ENDPOINT)
ORPHAN = NatRule(
    "iptables-nft", "ip", "nat", "DOCKER", 2, "-A DOCKER ...", "dnat", "tcp", first=9999, last=9999,
    not_in_interface="docker0", to_ip="172.18.0.9", to_first=80, to_last=80, hooks=("prerouting",), local_only=True,
    owner="docker",
)  # fmt: skip
LEFT_PROXY = Socket("0.0.0.0", "tcp", 9000, pid=44, started=3.0, command="docker-proxy")
SECTIONS = {
    "containers": (WEB, LATE), "publications": (LATE_80,), "sockets": (NGINX, LEFT_PROXY), "endpoints": (NETWORK,),
    "nat": (ORPHAN,),
}  # fmt: skip


def checked(publish, by="shop/web", **sections):
    return as_plain(diagnose(host(**sections), wants_of(publish, by), CAUSES))


def facts(**sections):
    return dump(host(**{**SECTIONS, **sections}))


def test_of_a_check():
    seen = of_check(checked(["80:80", "81:81"], sockets=(NGINX,)))

    assert [finding["cause"] for finding in seen.findings] == ["unit"]
    assert seen.wants == (
        {"publish": "80:80", "by": "shop/web", "replica": 1},
        {"publish": "81:81", "by": "shop/web", "replica": 1},
    )
    assert still_of(seen, [*seen.keys, "another"]) == list(seen.keys)


def test_of_findings_alone():
    seen = of_check(checked(["80:80", "81:81"], sockets=(NGINX,))["findings"])

    assert seen.wants == ({"publish": "80:80", "by": "shop/web", "replica": 1},)


def test_replicas_are_asked_for_as_replicas():
    wants = [{"publish": "80:80", "by": "shop/web", "replica": n} for n in (1, 2)]

    assert of_check(checked(wants)).wants == tuple(wants)


@pytest.mark.parametrize(
    "document, words",
    [
        ({"msg": "failed"}, "remediate_findings: expected findings of port_check, or its whole result"),
        ("text", "remediate_findings: expected findings of port_check, or its whole result"),
        ([{"cause": "unit"}], "remediate_findings: \"{'cause': 'unit'}\" is not a finding of port_check"),
    ],
)
def test_what_is_no_finding(document, words):
    with pytest.raises(PlanError) as refused:
        of_check(document)

    assert str(refused.value) == words


@pytest.mark.parametrize("key", ["cause", "summary", "want", "holder", "remedies"])
def test_a_finding_that_lacks_something_is_none(key):
    (finding,) = checked(["80:80"], sockets=(NGINX,))["findings"]
    short = {name: value for name, value in finding.items() if name != key}

    with pytest.raises(PlanError) as refused:
        of_check([finding, short])

    assert str(refused.value) == f"remediate_findings: {str(short)[:60]!r} is not a finding of port_check"


def test_a_want_that_nobody_wrote_is_asked_for_by_its_binding():
    want = {"publish": "", "binding": "*:80/tcp", "by": "shop/web"}

    assert of_check({"findings": [], "wants": [want]}).wants == (
        {"publish": "*:80/tcp", "by": "shop/web", "replica": 1},
    )


def test_of_facts_what_was_left_over_is_found_too():
    planned = plan(of_evidence("web-01", facts()).findings, ["stop_unit", "stop_process", "remove_orphan_rules"])

    rule = {"backend": "iptables-nft", "family": "ip", "table": "nat", "chain": "DOCKER", "text": "-A DOCKER ..."}
    assert [(step.remedy, step.params) for step in planned.steps] == [
        ("remove_orphan_rules", {"rules": [rule]}),
        ("stop_process", {"pid": 44, "started": 3.0, "command": "docker-proxy"}),
        ("stop_unit", {"unit": "nginx.service"}),
    ]
    assert planned.left == ()


DOUBTS = [
    # what is not seen afterwards, and whether it is known that nothing of it is left
    ({"sockets": (), "nat": ()}, ""),
    ({"sockets": None, "nat": ()}, "sockets was not gathered"),
    ({"sockets": (), "nat": None}, "nat was not gathered"),
    ({"sockets": (), "publications": None, "nat": ()}, "publications was not gathered"),
    (
        {"sockets": (), "nat": (), "blind": (Blind("sockets", "they are hidden", "become", "owners of 3"),)},
        "owners of 3: they are hidden; become",
    ),
]


@pytest.mark.parametrize("later, doubt", DOUBTS)
def test_what_is_not_seen_is_not_gone(later, doubt):
    before = of_evidence("web-01", facts())

    after = of_evidence("web-01", facts(**later))

    assert still_of(after, before.keys) == []
    assert after.doubt_of(before.keys) == doubt


def test_a_ghost_that_is_not_seen_is_not_gone():
    rule = replace(ORPHAN, first=9000, last=9000)
    before = of_evidence("web-01", facts(nat=(rule,), sockets=(LEFT_PROXY,)))

    assert [one["cause"] for one in before.findings] == ["ghost_endpoint"]
    assert of_evidence("web-01", facts(nat=(), sockets=None)).doubt_of(before.keys) == "sockets was not gathered"


def test_a_check_that_sees_less():
    before = of_check(checked(["80:80"], sockets=(NGINX,)))
    after = of_check(checked(["80:80"], sockets=None))

    assert (before.doubt_of(before.keys), after.doubt_of(before.keys)) == ("", "sockets was not gathered")


def report(**host_entry):
    return {"schema": 1, "hosts": [{"name": "web-01", "failed": "", "evidence": facts(), **host_entry}]}


def test_of_a_report():
    assert of_report(report(), "web-01") == of_evidence("web-01", facts())


@pytest.mark.parametrize(
    "document, name, words",
    [
        ([], "web-01", "it is not an audit's report of schema 1: expected the file ports-audit.json"),
        ({"schema": 9}, "web-01", "it is not an audit's report of schema 1: expected the file ports-audit.json"),
        (report(), "db-02", "it has no host db-02: audit it again with this inventory"),
        (report(failed="unreachable: ssh"), "web-01", "web-01 was not audited: unreachable: ssh"),
        (
            report(evidence={"schema": 7}),
            "web-01",
            "the facts of web-01 cannot be read: the evidence has schema 7, and this release of dockmaster.ports reads 1: "
            "gather it again with the dockmaster.ports release installed on this controller",
        ),
    ],
)
def test_a_report_that_cannot_be_used(document, name, words):
    with pytest.raises(PlanError) as refused:
        of_report(document, name)

    assert str(refused.value) == words


TAKEN = [
    # who has port 80 afterwards, and what is said of it
    ((), []),
    ((NGINX,), []),  # still the same: `still_of` tells
    (
        (replace(PYTHON, ip="0.0.0.0", port=80, pid=99),),
        ["shop/web wants *:80/tcp, but python3 (pid 99) has 0.0.0.0:80/tcp"],
    ),
    ((replace(PYTHON, ip="0.0.0.0", port=81, pid=99),), []),  # in the way of another want: not of this step
]


@pytest.mark.parametrize("sockets, said", TAKEN)
def test_who_took_the_place_of_a_holder(sockets, said):
    before = of_check(checked(["80:80", "81:81"], sockets=(NGINX,)))
    after = of_check(checked(["80:80", "81:81"], sockets=sockets))

    assert after.taken_of(before.keys, before.keys) == said


def test_a_container_that_was_stopped_is_no_surprise():
    running = replace(LATE_80, state="running", actual=True, ip="0.0.0.0")
    before = of_check(checked(["80:80"], containers=(LATE,), publications=(running,)))
    after = of_check(checked(["80:80"], containers=(LATE,), publications=(LATE_80,)))

    assert [one["cause"] for one in (*before.findings, *after.findings)] == ["container", "stopped_container"]
    assert after.taken_of(before.keys, before.keys) == []


def test_a_unit_that_was_started_anew_is_the_same():
    before = of_evidence("web-01", facts())
    after = of_evidence("web-01", facts(sockets=(replace(NGINX, pid=900, started=99.0), LEFT_PROXY)))

    assert still_of(after, before.keys) == list(before.keys)
