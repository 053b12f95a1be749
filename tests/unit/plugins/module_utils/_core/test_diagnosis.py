# SPDX-License-Identifier: GPL-3.0-or-later
"""The judge: no clash and no refusal is silent, and nothing that was not seen is called free."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._causes.catalogue import CAUSES
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import diagnose
from ansible_collections.dockmaster.ports.plugins.module_utils._core.dump import dump
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import SECTIONS, Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.load import load
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import wants_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.binds import Bind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.plugins.module_utils._core.result import LEVELS, as_plain, failing
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    ENGINE,
    NGINX,
    PYTHON,
    QUIET,
    WEB_8080,
    host,
    verdicts,
)

NO_OBSTACLE = {"platform", "containers", "endpoints", "published_policy", "binds", "exclusions", "windows_sockets"}
"""Sections that name nobody who keeps a want from its port, and what only Windows has."""


def judged(evidence, publish, by="shop"):
    return diagnose(evidence, wants_of(publish, by), CAUSES)


def test_a_quiet_host_is_free():
    assert verdicts(judged(QUIET, ["8080:80", "[::1]:53:53/udp", "80"])) == ["free", "free", "free"]


@pytest.mark.parametrize("section", sorted(set(SECTIONS) - NO_OBSTACLE))
def test_a_section_that_was_not_seen_is_never_an_all_clear(section):
    found = judged(replace(QUIET, **{section: None}), "8080:80")

    assert verdicts(found) == ["unknown"]
    assert f"{section} was not gathered" in found.unjudged.values()


@pytest.mark.parametrize("section", ["sockets", "publications", "nat", "units"])
def test_nor_is_one_that_was_seen_in_part(section):
    blind = (Blind(section, "half of it is dark", "bring a lamp", "half"),)

    found = judged(replace(QUIET, blind=blind), "8080:80")

    assert verdicts(found) == ["unknown"]
    assert "half: half of it is dark; bring a lamp" in found.unjudged.values()


OF_ANY_PORT = {"engine", "firewall", "publications"}
"""Sections that tell whether a container starts at all, and is reached."""


@pytest.mark.parametrize("section", sorted(set(SECTIONS) - NO_OBSTACLE))
def test_a_port_that_the_engine_will_choose_is_nobodys_yet(section):
    found = judged(replace(QUIET, **{section: None}), "80")

    assert (verdicts(found), bool(found.unjudged)) == (
        (["unknown"], True) if section in OF_ANY_PORT else (["free"], False)
    )


@pytest.mark.parametrize("publish, verdict", [("8080:80", "unknown"), ("8080:80/udp", "free")])
def test_what_hides_tcp_hides_no_udp(publish, verdict):
    blind = (Blind("sockets", "half of it is dark", "bring a lamp", "half", protocol="tcp"),)

    assert verdicts(judged(replace(QUIET, blind=blind), publish)) == [verdict]


def test_what_hides_no_holder_does_no_harm():
    blind = (Blind("sockets", "their processes belong to others", "gather with become", "owners of 2 sockets", False),)

    assert verdicts(judged(replace(QUIET, blind=blind), "8080:80")) == ["free"]


def test_no_evidence_at_all_is_unknown():
    assert verdicts(judged(Evidence(), "8080:80")) == ["unknown"]


@pytest.mark.parametrize(
    "error, step, want, expected",
    [
        ("EADDRINUSE", "bind", "8080:80", "blocked"),
        ("EADDRINUSE", "listen", "8080:80", "blocked"),
        ("EACCES", "bind", "8080:80", "blocked"),
        ("", "", "8080:80", "free"),
    ],
)
def test_a_refusal_that_nothing_explains_is_not_silent(error, step, want, expected):
    binds = (Bind("0.0.0.0", "tcp", 8080, error, step), Bind("::", "tcp", 8080))

    found = judged(host(binds=binds), want)

    assert verdicts(found) == [expected]
    if error:
        assert [(f.cause, f.summary) for f in found.findings] == [
            (
                "unexplained",
                f"shop wants *:8080/tcp, but the kernel refuses {step} on 0.0.0.0:8080/tcp ({error}) "
                "and nothing that was seen explains it",
            )
        ]


@pytest.mark.parametrize(
    "publish, refused, verdict",
    [
        ("8080-8081:80-81", [8081], "blocked"),
        ("8080-8081:80", [8081], "free"),
        ("8080-8081:80", [8080, 8081], "blocked"),
    ],
)
def test_one_refusal_is_enough_unless_any_port_will_do(publish, refused, verdict):
    binds = [Bind(ip, "tcp", port) for port in (8080, 8081) for ip in ("0.0.0.0", "::")]
    binds = [replace(one, error="EADDRINUSE", step="bind") if one.port in refused else one for one in binds]

    assert verdicts(judged(host(binds=tuple(binds)), publish)) == [verdict]


@pytest.mark.parametrize("error", ["EAFNOSUPPORT", "EADDRNOTAVAIL"])
def test_a_host_without_ipv6_needs_no_ipv6(error):
    binds = (Bind("0.0.0.0", "tcp", 8080), Bind("::", "tcp", 8080, error, "bind"))

    assert verdicts(judged(host(binds=binds), "8080:80")) == ["free"]
    assert verdicts(judged(host(binds=binds), "[::]:8080:80")) == ["blocked"]


def test_who_has_its_port_already_is_free():
    binds = (Bind("0.0.0.0", "tcp", 8080, "EADDRINUSE", "bind"), Bind("::", "tcp", 8080, "EADDRINUSE", "bind"))
    evidence = host(publications=(WEB_8080, replace(WEB_8080, ip="::")), binds=binds)

    assert verdicts(judged(evidence, "8080:80", "shop/web")) == ["free"]


def test_who_has_half_of_its_ports_is_judged_by_the_other_half():
    binds = (Bind("0.0.0.0", "tcp", 8080, "EADDRINUSE", "bind"), Bind("::", "tcp", 8080, "EADDRINUSE", "bind"))

    found = judged(host(publications=(WEB_8080,), binds=binds), "8080:80", "shop/web")

    assert verdicts(found) == ["blocked"]
    assert found.findings[0].summary.startswith(
        "shop/web wants *:8080/tcp, but the kernel refuses bind on [::]:8080/tcp"
    )


@pytest.mark.parametrize("publish", ["8080:80", "127.0.0.1:8080:80"])
@pytest.mark.parametrize("proxy", [True, False, None])
def test_without_the_userland_proxy_ipv4_is_opened_all_the_same(proxy, publish):
    evidence = host(engine=(replace(ENGINE, userland_proxy=proxy),), sockets=(PYTHON,))

    assert verdicts(judged(evidence, publish)) == ["blocked"]


@pytest.mark.parametrize(
    "socket, by, cause",
    [
        (replace(PYTHON, command="web"), "web", "process"),
        (NGINX, "nginx.service", "unit"),
        (replace(PYTHON, command="docker-proxy"), "docker-proxy", "orphan_proxy"),
    ],
)
def test_who_is_called_as_the_want_is_not_the_want(socket, by, cause):
    """A container is often named after the program that the host runs itself."""
    refused = (Bind("0.0.0.0", "tcp", socket.port, "EADDRINUSE", "bind"), Bind("::", "tcp", socket.port))

    for evidence in (host(sockets=(socket,)), host(sockets=(socket,), binds=refused)):
        found = judged(evidence, f"{socket.port}:80", by)
        assert (verdicts(found), [f.cause for f in found.findings]) == (["blocked"], [cause])


def test_names_of_a_host_are_not_obeyed_by_a_terminal():
    """Any user of a host names his processes; who reads the message may be root elsewhere."""
    evil = replace(PYTHON, command="x\x1b[2J\n'\u202e ok")

    result = as_plain(judged(host(sockets=(evil,)), "8080:80"))

    said = "shop wants *:8080/tcp, but x\\x1b[2J\\n'\\u202e ok (pid 4711) has 127.0.0.1:8080/tcp"
    assert (result["msg"], result["findings"][0]["summary"]) == (said, said)
    assert result["findings"][0]["holder"]["name"] == evil.command  # data stays what it is
    assert result["findings"][0]["remedies"][1]["params"]["command"] == evil.command


@given(
    st.lists(
        st.builds(
            Socket,
            st.sampled_from(["0.0.0.0", "::", "127.0.0.1", "::1", "192.0.2.10"]),
            st.sampled_from(["tcp", "udp"]),
            st.integers(78, 82),
            st.just("listen"),
            st.booleans(),
            pid=st.sampled_from([None, 1, 7]),
            command=st.sampled_from(["", "app", "docker-proxy", "dockerd", "systemd"]),
            unit=st.sampled_from(["", "a.service", "b.scope"]),
            container=st.sampled_from(["", "c" * 64]),
        ),
        max_size=6,
    ),
    st.sampled_from(["80:80", "127.0.0.1:80:80", "[::1]:80:80", "78-82:78-82", "78-82:80", "80:80/udp"]),
)
def test_a_socket_that_meets_a_want_is_a_finding_and_no_other_is(sockets, publish):
    evidence = host(sockets=tuple(sockets))
    want = wants_of(publish, "shop")[0]
    b = want.binding

    def meets(s):
        """In the words of the kernel: a wildcard is every address of its family, a dual-stack one of both."""
        wild = {"0.0.0.0": (4,), "::": (6,) if s.v6only else (4, 6)}
        families = wild.get(s.ip, (6 if ":" in s.ip else 4,))
        wanted = {"*": (4, 6), "0.0.0.0": (4,), "::": (6,)}.get(b.ip, (6 if ":" in b.ip else 4,))
        both_concrete = s.ip not in wild and b.ip not in ("*", "0.0.0.0", "::")
        same = s.protocol == b.protocol and b.first <= s.port <= b.last and set(families) & set(wanted)
        return bool(same) and (s.ip == b.ip or not both_concrete)

    met = [s for s in sockets if meets(s)]
    found = judged(evidence, publish)

    if want.choice == "any" and len({s.port for s in met}) < 5:
        assert verdicts(found) == ["free"]
    else:
        assert verdicts(found) == (["blocked"] if met else ["free"])


def test_the_same_for_the_same_evidence_by_every_door():
    evidence = host(sockets=(NGINX, PYTHON), publications=(WEB_8080,))
    publish = ["80:80", "8080:80", "9000:80"]

    live = as_plain(judged(evidence, publish))
    saved = as_plain(judged(load(json.loads(json.dumps(dump(evidence)))), publish))

    assert json.loads(json.dumps(live)) == live == saved


@pytest.mark.parametrize(
    "publish, fail_on, expected",
    [
        ("80:80", "never", False),
        ("80:80", "blocked", True),
        ("198.51.100.1:80:80", "unknown", True),
        ("9999:80", "unknown", False),
    ],
)
def test_how_strict_a_caller_is(publish, fail_on, expected):
    assert failing(judged(host(sockets=(NGINX,)), publish), fail_on) is expected


def test_levels_go_from_the_worst_down():
    assert LEVELS == ("never", "blocked", "diverted", "at_risk", "unknown")


@pytest.mark.parametrize(
    "evidence, publish, msg",
    [
        (QUIET, ["8080:80"], "free"),
        (QUIET, ["8080:80", "8081:80"], "all 2 wants are free"),
        (QUIET, [], "nothing is wanted"),
        (
            host(sockets=(NGINX, PYTHON)),
            ["9000:80", "8080:80", "80:80"],
            "shop wants *:8080/tcp, but python3 (pid 4711) has 127.0.0.1:8080/tcp; "
            "shop wants *:80/tcp, but nginx.service (pid 812) has 0.0.0.0:80/tcp",
        ),
        (
            host(units=None),
            ["8080:80"],
            "shop wants *:8080/tcp, and whether it is free is not known: units was not gathered",
        ),
    ],
)
def test_one_line_for_people(evidence, publish, msg):
    assert as_plain(judged(evidence, publish))["msg"] == msg
