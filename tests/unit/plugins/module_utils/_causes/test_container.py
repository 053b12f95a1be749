# SPDX-License-Identifier: GPL-3.0-or-later
"""Cause `container`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import container
from ansible_collections.dockmaster.ports.plugins.module_utils._causes.catalogue import CAUSES
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import diagnose
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import wants_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.binds import Bind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    ENGINE,
    WEB,
    WEB_8080,
    host,
    judge,
    remedies,
    summaries,
    verdicts,
)

PROXY = Socket("0.0.0.0", "tcp", 8080, pid=900, command="docker-proxy", unit="docker.service")


@pytest.mark.parametrize(
    "publication, publish, by, expected",
    [
        (WEB_8080, "8080:80", "blog", ["blog wants *:8080/tcp, but container web has 0.0.0.0:8080/tcp"]),
        (
            WEB_8080,
            "127.0.0.1:8080:80",
            "blog",
            ["blog wants 127.0.0.1:8080/tcp, but container web has 127.0.0.1:8080/tcp"],
        ),
        (WEB_8080, "8080:80", "shop/web", []),
        (WEB_8080, "8080:80", "web", []),
        (WEB_8080, "8080:80", "a" * 12, []),
        (WEB_8080, "8080:80", "a" * 11, [f"{'a' * 11} wants *:8080/tcp, but container web has 0.0.0.0:8080/tcp"]),
        (
            WEB_8080,
            "8080:80",
            "a" * 11 + "b",
            [f"{'a' * 11}b wants *:8080/tcp, but container web has 0.0.0.0:8080/tcp"],
        ),
        (WEB_8080, "8080:80/udp", "blog", []),
        (
            replace(WEB_8080, state="paused"),
            "8080:80",
            "blog",
            ["blog wants *:8080/tcp, but container web has 0.0.0.0:8080/tcp"],
        ),
        (
            replace(WEB_8080, first=8000, last=8099),
            "8080:80",
            "blog",
            ["blog wants *:8080/tcp, but container web has 0.0.0.0:8080/tcp"],
        ),
    ],
)
def test_explain(publication, publish, by, expected):
    evidence = host(containers=(WEB,), publications=(publication,), sockets=(PROXY,))

    found = judge(evidence, publish, container, by)

    assert summaries(found) == expected
    assert verdicts(found) == ["blocked" if expected else "free"]


OWNERS = Blind("sockets", "2 processes hide their open files", "gather with become: true", "owners of 2 sockets", False)
HIDDEN = replace(PROXY, pid=None, command="", unit="", uid=0)


@pytest.mark.parametrize("by, expected", [("shop/web", []), ("blog", ["container"])])
def test_its_docker_proxy_may_be_hidden_from_this_user(by, expected):
    """Who may use the engine and is not root sees its containers, and not who listens for them."""
    both = (replace(WEB_8080, last=8082), replace(WEB_8080, last=8082, ip="::"))
    sockets = (HIDDEN, replace(HIDDEN, ip="::", v6only=True))
    binds = tuple(Bind(ip, "tcp", 8080, "EADDRINUSE", "bind") for ip in ("0.0.0.0", "::"))
    evidence = host(containers=(WEB,), publications=both, sockets=sockets, blind=(OWNERS,), binds=binds)

    found = diagnose(evidence, wants_of("8080:80", by), CAUSES)

    assert [finding.cause for finding in found.findings] == expected


@pytest.mark.parametrize("ip", ["192.0.2.10", "127.0.0.1"])
def test_what_is_hidden_on_another_address_is_somebody_elses(ip):
    local = replace(WEB_8080, ip="192.0.2.11")
    evidence = host(containers=(WEB,), publications=(local,), sockets=(replace(HIDDEN, ip=ip),), blind=(OWNERS,))

    found = diagnose(evidence, wants_of("8080:80", "shop/web"), CAUSES)

    assert [finding.cause for finding in found.findings] == ["process"]


def test_both_families_are_one_finding():
    both = (WEB_8080, replace(WEB_8080, ip="::"))

    found = judge(host(publications=both), "8080:80", container, "blog")

    assert summaries(found) == ["blog wants *:8080/tcp, but container web has *:8080/tcp"]


def test_without_the_proxy_a_listed_ipv6_side_is_not_there():
    engine = replace(ENGINE, userland_proxy=False)
    listed = (WEB_8080, replace(WEB_8080, ip="::"))
    dockerd = Socket("0.0.0.0", "tcp", 8080, pid=700, command="dockerd", unit="docker.service")

    found = judge(host(engine=(engine,), publications=listed, sockets=(dockerd,)), "[::]:8080:80", container, "blog")

    assert summaries(found) == []


def test_what_the_kernel_lets_pass_the_engine_still_refuses():
    """A container whose docker-proxy was killed: the engine's own table has the port."""
    binds = (Bind("0.0.0.0", "tcp", 8080), Bind("::", "tcp", 8080))

    assert verdicts(judge(host(publications=(WEB_8080,), binds=binds), "8080:80", container, "blog")) == ["blocked"]


def test_an_engine_that_was_not_seen_leaves_it_unknown_even_where_the_bind_passes():
    binds = (Bind("0.0.0.0", "tcp", 8080), Bind("::", "tcp", 8080))
    why = Blind("publications", "/run/docker.sock: permission denied", "gather with become")

    found = judge(host(publications=None, binds=binds, blind=(why,)), "8080:80", container, "blog")

    assert verdicts(found) == ["unknown"]
    assert found.unjudged == {"container": "publications: /run/docker.sock: permission denied; gather with become"}


def test_offers_to_stop_it():
    assert remedies(judge(host(publications=(WEB_8080,)), "8080:80", container)) == [["move_want", "stop_container"]]
