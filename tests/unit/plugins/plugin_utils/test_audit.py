# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit: what it finds, and the words it says it in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.policy import policy_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Container, Publication
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import Firewall, NatRule
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.plugins.plugin_utils._audit import HostAudit, audit, summary_of
from ansible_collections.dockmaster.ports.plugins.plugin_utils._audit_text import (
    QUIET_HOSTS,
    as_data,
    markdown,
    terminal,
    visible,
)
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    ENDPOINT,
    ENGINE,
    NETWORK,
    NGINX,
    WEB,
    WEB_8080,
    host,
)

BOTH = (WEB_8080, replace(WEB_8080, ip="::"))
LATE = Container("b" * 64, "late", ENDPOINT, state="exited", project="shop", service="late", restart="no")
LATE_80 = Publication("b" * 64, "late", "shop/late", "tcp", 80, 80, 80, state="exited", engine=ENDPOINT)
ORPHAN = NatRule(
    "iptables-nft", "ip", "nat", "DOCKER", 2, "-A DOCKER ...", "dnat", "tcp", first=9999, last=9999,
    not_in_interface="docker0", to_ip="172.18.0.9", to_first=80, to_last=80, hooks=("prerouting",), local_only=True,
    owner="docker",
)  # fmt: skip


def lines(evidence):
    return [(line.level, line.text) for line in audit("web-01", evidence).lines]


def test_a_quiet_host():
    found = audit("web-01", host())

    assert (found.lines, found.unseen, found.summary) == ((), (), "Docker 28.5.2, 0 listeners, 0 published ports")


def test_a_stopped_container_that_could_not_start():
    evidence = host(containers=(LATE,), publications=(LATE_80,), sockets=(NGINX,))

    found = audit("web-01", evidence).lines

    assert [(line.level, line.text, line.next) for line in found] == [
        (
            "blocked",
            "shop/late wants *:80/tcp, but nginx.service (pid 812) has 0.0.0.0:80/tcp",
            "publish on another host port (1024 is free), or: remediate with stop_unit",
        )
    ]


def test_a_running_container_is_in_nobodys_way_of_its_own():
    assert lines(host(containers=(WEB,), publications=BOTH)) == [
        ("open", "8080/tcp (shop/web) answers from every address")
    ]


@pytest.mark.parametrize("guard", ["ufw", "firewalld"])
def test_an_open_port_behind_a_firewall_that_does_not_hold(guard):
    evidence = host(containers=(WEB,), publications=BOTH, firewall=Firewall(**{guard: "active"}))

    assert lines(evidence) == [("open", f"8080/tcp (shop/web) answers from every address although {guard} is active")]


def test_a_port_of_loopback_is_not_open():
    assert lines(host(containers=(WEB,), publications=(replace(WEB_8080, ip="127.0.0.1"),))) == []


@pytest.mark.parametrize("restart, found", [("no", []), ("always", ["at_risk"]), ("unless-stopped", ["at_risk"])])
def test_a_stopped_rival_is_worth_a_line_if_it_comes_back_by_itself(restart, found):
    rival = replace(LATE, restart=restart)
    wants = replace(LATE_80, first=8080, last=8080)
    local = replace(WEB_8080, ip="127.0.0.1")

    evidence = host(containers=(WEB, rival), publications=(local, wants))

    assert [level for level, text in lines(evidence) if text.startswith("shop/web has")] == found


ASKS_8080 = replace(WEB_8080, ip="", actual=False)
WITHOUT = "start it again once nothing is in the way, unless its network publishes nothing (internal, macvlan)"


def test_a_running_container_that_lost_its_port():
    """Somebody took it while the engine was away, and the engine gave it up."""
    thief = Socket("0.0.0.0", "tcp", 8080, pid=77, command="python3")

    found = audit("web-01", host(containers=(WEB,), publications=(ASKS_8080,), sockets=(thief,))).lines

    assert [(line.level, line.text, line.next) for line in found] == [
        (
            "blocked",
            "shop/web wants *:8080/tcp, but python3 (pid 77) has 0.0.0.0:8080/tcp",
            "publish on another host port (8081 is free), or: remediate with stop_process",
        ),
        ("at_risk", "shop/web is configured for *:8080/tcp and runs without it", WITHOUT),
    ]


@pytest.mark.parametrize(
    "asked, had, lines_of",
    [
        (ASKS_8080, (), ["*:8080/tcp"]),
        (ASKS_8080, BOTH, []),
        (ASKS_8080, (replace(WEB_8080, protocol="udp"),), ["*:8080/tcp"]),
        (ASKS_8080, (replace(WEB_8080, container="c" * 64),), ["*:8080/tcp"]),
        (replace(ASKS_8080, last=8089, choice="any"), (replace(WEB_8080, first=8083, last=8083),), []),
        (replace(ASKS_8080, last=8089, choice="any"), (), ["one port of *:8080-8089/tcp"]),
        (replace(ASKS_8080, first=8081, last=8081, target=81), (replace(WEB_8080, last=8082),), []),
        (replace(ASKS_8080, ip="127.0.0.1"), (), ["127.0.0.1:8080/tcp"]),
        (replace(ASKS_8080, first=0, last=0), (), []),  # the engine chooses: which, nobody is configured for
    ],
)
def test_what_a_running_container_lacks(asked, had, lines_of):
    found = lines(host(containers=(WEB,), publications=(*had, asked)))

    assert [text for level, text in found if level == "at_risk"] == [
        f"shop/web is configured for {one} and runs without it" for one in lines_of
    ]


def test_what_goes_against_the_conventions():
    policy = policy_of({"bands": {"web": 80}, "owners": {"web": "shop/*"}})
    evidence = host(containers=(WEB,), publications=BOTH)

    assert [(line.level, line.text, line.next) for line in audit("web-01", evidence, policy).lines] == [
        (
            "policy",
            "shop/web has *:8080/tcp, but its ports are those of web (80)",
            "publish shop/web on a host port of web (80)",
        ),
        ("open", "8080/tcp (shop/web) answers from every address", ""),
    ]


def test_an_orphaned_rule_of_a_port_that_nobody_wants():
    evidence = host(containers=(WEB,), endpoints=(NETWORK,), nat=(ORPHAN,))

    assert lines(evidence) == [
        (
            "orphan",
            "a rule of an engine's is left over: no running container has 172.18.0.9 "
            "(iptables-nft ip nat DOCKER: -A DOCKER ...)",
        )
    ]


@pytest.mark.parametrize(
    "rule, command",
    [
        (ORPHAN, "by hand: iptables-nft -t nat -D DOCKER ..."),
        (
            replace(ORPHAN, backend="iptables-legacy", family="ip6", to_ip="fd00::9", text="-A DOCKER -A"),
            "by hand: ip6tables-legacy -t nat -D DOCKER -A",
        ),
        (
            replace(ORPHAN, backend="nft", table="docker-bridges", chain="nat-prerouting-and-output", handle=44),
            "by hand: nft delete rule ip docker-bridges nat-prerouting-and-output handle 44",
        ),
    ],
)
def test_how_an_orphaned_rule_is_removed(rule, command):
    six = replace(NETWORK, network="six", subnet="fd00::/64", ip="fd00::2")

    found = audit("web-01", host(containers=(WEB,), endpoints=(NETWORK, six), nat=(rule,)))

    assert [line.next for line in found.lines] == [
        f"remediate with remove_orphan_rules (nothing else is disturbed), or: {command}"
    ]


def test_a_proxy_that_serves_nobody():
    left = Socket("0.0.0.0", "tcp", 9000, pid=44, command="docker-proxy")

    assert [(line.level, line.text, line.next) for line in audit("web-01", host(sockets=(left,))).lines] == [
        (
            "orphan",
            "docker-proxy without a container (pid 44) has 0.0.0.0:9000/tcp",
            "remediate with stop_process (nothing else is disturbed), or: remediate with restart_engine",
        )
    ]


@pytest.mark.parametrize(
    "sections, summary",
    [
        ({"engine": (), "publications": ()}, "no Docker engine, 0 listeners"),
        ({"engine": None, "publications": None}, "engine not seen, 0 listeners"),
        ({"engine": (replace(ENGINE, state="stopped"),)}, "Docker (stopped, unix:///run/docker.sock), 0 listeners"),
        (
            {"engine": (replace(ENGINE, state="unknown", version=""),)},
            "Docker (it did not say what it is, unix:///run/docker.sock), 0 listeners",
        ),
        ({"sockets": (NGINX,), "publications": BOTH}, "Docker 28.5.2, 1 listener, 1 published port"),
    ],
)
def test_summary(sections, summary):
    assert summary_of(host(**sections)) == summary


def test_what_was_not_seen_is_said():
    blind = (Blind("sockets", "their processes belong to others", "gather with become", "owners of 3 sockets", False),)

    assert audit("web-01", host(blind=blind)).unseen == (
        "owners of 3 sockets: their processes belong to others; gather with become",
    )


def test_one_reason_for_many_sections_is_said_once():
    why = "permission denied", "gather with become"
    blind = (Blind("containers", *why), Blind("publications", *why), Blind("nat", "no iptables", "install it"))

    assert audit("web-01", host(blind=blind)).unseen == (
        "containers, publications: permission denied; gather with become",
        "nat: no iptables; install it",
    )


def texts(*hosts, report="reports/ports-audit.md"):
    return [said.text for said in terminal(hosts, report)]


def test_the_terminal():
    bad = audit("web-01", host(containers=(LATE,), publications=(LATE_80,), sockets=(NGINX,)))
    away = HostAudit("db-02", failed="unreachable: ssh timed out")
    quiet = audit("app-3", host())

    assert texts(quiet, away, bad) == [
        "web-01 Docker 28.5.2, 1 listener, 0 published ports",
        "  BLOCKED   shop/late wants *:80/tcp, but nginx.service (pid 812) has 0.0.0.0:80/tcp",
        "            next: publish on another host port (1024 is free), or: remediate with stop_unit",
        "db-02  unreachable: ssh timed out",
        "app-3  Docker 28.5.2, 0 listeners, 0 published ports; nothing found",
        "fleet  3 hosts: 1 with findings (1 blocked), 1 not audited. Report: reports/ports-audit.md",
    ]


def hung(name):
    why = ("unix:///run/docker.sock did not answer within 10 s", "see whether the engine hangs")
    blind = tuple(Blind(section, *why) for section in ("containers", "publications", "endpoints"))
    return audit(name, host(containers=None, publications=None, endpoints=None, blind=blind))


def test_a_host_whose_containers_were_not_seen_is_no_quiet_one():
    many = [audit(f"h{i:04}", host()) for i in range(1000)]

    said = texts(*many[:500], hung("web-9"), *many[500:], report="")

    assert said[:2] == [
        "web-9 Docker 28.5.2, 0 listeners; nothing found in what was seen",
        "  not seen: containers, publications, endpoints: unix:///run/docker.sock did not answer within 10 s; "
        "see whether the engine hangs",
    ]
    assert said[-1] == "fleet 1001 hosts: 0 with findings, 1 seen in part."
    assert "| web-9 | nothing in what was seen | Docker" in markdown([hung("web-9")], "now")
    assert as_data(hung("web-9"))["partial"] is True


def test_what_a_host_tells_is_not_about_an_engine_of_another():
    left = Socket("0.0.0.0", "tcp", 8080, pid=44, command="docker-proxy")  # of an engine here, which was not asked
    remote = replace(ENGINE, endpoint="tcp://192.0.2.7:2376", pid=None)

    found = audit("web-01", host(engine=(remote,), sockets=(left,), nat=(ORPHAN,)))

    assert (found.lines, found.partial) == ((), True)
    assert found.unseen == (
        "kernel, sockets, clients, units, nat, firewall: "
        "tcp://192.0.2.7:2376 takes its ports where it runs, and no dockerd of this host was seen to listen there; "
        "look from the engine's own host and network",
    )


def test_no_port_is_called_free_where_who_has_it_may_not_have_been_seen():
    other = Blind("publications", "no answer within 10 s", "", "publications of unix:///srv/two.sock")

    found = audit("web-01", host(containers=(LATE,), publications=(LATE_80,), sockets=(NGINX,), blind=(other,)))

    assert [line.next for line in found.lines] == ["publish on another host port, or: remediate with stop_unit"]


@pytest.mark.parametrize(
    "blind, partial",
    [
        (Blind("nat", "iptables-nft-save: permission denied"), True),
        (Blind("publications", "it hangs", "", "publications of unix:///srv/two.sock"), True),
        (Blind("sockets", "Linux 6.1 does not tell", "", "TCP sockets that are bound and do not listen"), False),
        (Blind("sockets", "a process hides them", "", "owners of 1 socket", False), False),
        (Blind("engine", "no Docker engine found", "", "any engine", False), False),
    ],
)
def test_a_host_is_seen_in_part_if_a_finding_may_be_missing(blind, partial):
    assert audit("web-9", host(blind=(blind,))).partial is partial


def test_a_thousand_quiet_hosts_are_one_line():
    said = texts(*(audit(f"h{i:04}", host()) for i in range(1000)), report="")

    assert len(said) == QUIET_HOSTS + 2
    assert said[-2] == f"and {1000 - QUIET_HOSTS} more hosts with nothing found"
    assert said[-1] == "fleet 1000 hosts: 0 with findings."


@pytest.mark.parametrize(
    "text, shown",
    [("plain ö", "plain ö"), ("a\nb\tc", "a\\nb\\tc"), ("\x1b[31mred", "\\x1b[31mred"), ("\u202egnp", "\\u202egnp")],
)
def test_names_cannot_drive_the_terminal(text, shown):
    assert visible(text) == shown


def test_names_cannot_drive_markdown_either():
    evil = HostAudit("a|b\n# c", failed="<script>`x`")

    assert "| a\\|b\\\\n# c | not audited | \\<script\\>\\`x\\` |" in markdown([evil], "now")
