# SPDX-License-Identifier: GPL-3.0-or-later
"""A Mac with Docker Desktop from end to end: what port_check says of it, and that the evidence survives a report."""

from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._check import check
from ansible_collections.dockmaster.ports.plugins.module_utils._collect import collect, sections_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.dump import dump
from ansible_collections.dockmaster.ports.plugins.module_utils._core.load import load
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import wants_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.result import as_plain
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.macos import pf
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.macos.macos_words import (
    ENDPOINT,
    RUNNING,
    Mac,
)

REQUEST = Request(sections=sections_of(["all"]), name="anna-mbp", system="Darwin")
NO_PF = {" ".join(pf.STATUS): (0, "Status: Disabled for 0 days\n", "")}
MYSQL = "mysqld of launchd's job homebrew.mxcl.mysql (pid 702)"
IN_USE = {"0.0.0.0 5000": "EADDRINUSE", ":: 5000": "EADDRINUSE", "0.0.0.0 8080": "EADDRINUSE", ":: 8080": "EADDRINUSE"}


def judged(publish, by="shop/new", **mac):
    host = Mac(**{"api": RUNNING, "runs": NO_PF, "refused": IN_USE, **mac})
    _evidence, diagnosis = check(host, REQUEST, wants_of([publish], by=by), bind_probe=True)
    result = as_plain(diagnosis)
    return result["wants"][0]["verdict"], result["msg"], result["unjudged"]


WANTS = [
    ("4000:80", "free", "free"),
    ("53:53/udp", "free", "free"),
    ("8080:80", "blocked", "shop/new wants *:8080/tcp, but container web has *:8080/tcp"),
    ("5000:80", "blocked", "shop/new wants *:5000/tcp, but AirPlay Receiver, of ControlCenter (pid 612), has *:5000/tcp"),
    ("3306:3306", "diverted", f"shop/new wants *:3306/tcp, but {MYSQL} has 127.0.0.1:3306/tcp"),
    ("127.0.0.2:4000:80", "blocked",
     "shop/new wants 127.0.0.2:4000/tcp, but this host does not have the address 127.0.0.2"),
    ("192.168.1.23:4000:80", "free", "free"),
    ("49152:80", "at_risk",
     "shop/new wants *:49152/tcp, but the kernel may give *:49152/tcp to any outgoing connection first"),
]  # fmt: skip


@pytest.mark.parametrize("publish, verdict, said", WANTS)
def test_root_gets_a_verdict_and_nothing_is_unknown(publish, verdict, said):
    assert judged(publish) == (verdict, said, {})


def test_a_container_does_not_stand_in_its_own_way():
    assert judged("8080:80", by="shop/web") == ("free", "free", {})


def test_a_user_is_told_that_pf_was_not_seen_and_that_alone():
    verdict, _said, unjudged = judged("4000:80", user=501, runs={})

    why = "nat: pfctl: /dev/pf: Permission denied; gather with become: true"
    assert verdict == "unknown"
    assert unjudged == {"nat_rule": why}


def test_redirections_of_pf_count():
    verdict, said, _unjudged = judged("80:80", runs={})

    assert (verdict, said) == (
        "at_risk",
        "shop/new wants *:80/tcp, but a NAT rule sends some of its traffic to 127.0.0.1:8080 (pf ip nat rdr)",
    )


def test_a_stopped_docker_desktop_makes_it_unknown_and_says_what_to_start():
    verdict, _said, unjudged = judged("4000:80", api=None)

    assert verdict == "unknown"
    assert unjudged["container"] == f"publications: nobody listens on {ENDPOINT}; start the engine"


def test_sections_that_a_mac_does_not_have_are_seen_and_empty():
    evidence = collect(Mac(api=RUNNING, runs=NO_PF), REQUEST)

    assert (evidence.units, evidence.nat, evidence.firewall.rulesets) == ((), (), ())
    assert load(dump(evidence)) == evidence


def test_only_what_is_asked_for_is_gathered():
    evidence = collect(Mac(), REQUEST._replace(sections=("sockets",)))

    assert (evidence.sockets is None, evidence.clients, evidence.focus, evidence.units) == (False, None, (), None)
