# SPDX-License-Identifier: GPL-3.0-or-later
"""Engines whose ports are not this host's: what this host tells says nothing of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes.catalogue import CAUSES
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import diagnose
from ansible_collections.dockmaster.ports.plugins.module_utils._core.elsewhere import elsewhere, of_the_engine
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import SECTIONS, Blind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import wants_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.binds import Bind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Engine
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Platform
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.published import PublishedPolicy
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    ENGINE,
    PYTHON,
    WEB_8080,
    host,
    verdicts,
)

HERE, THERE = "net:[1]", "net:[2]"
REMOTE = Engine(endpoint="tcp://192.0.2.7:2376", version="28.5.2")
NESTED = Engine(endpoint="unix:///srv/docker.sock", version="28.5.2", namespace=THERE)
DESKTOP = Engine(endpoint="unix:///home/ann/docker.sock", operating_system="Docker Desktop", namespace="not seen")
WHERE_IT_RUNS = "{} takes its ports where it runs, and no dockerd of this host was seen to listen there"
ANOTHER_NETWORK = "{} takes its ports in another network namespace ({})"


def of(*engines, system="Linux", **sections):
    return host(engine=engines, platform=Platform(system=system, namespace=HERE), **sections)


@pytest.mark.parametrize(
    "evidence, why",
    [
        (of(), ""),
        (of(ENGINE), ""),
        (of(replace(ENGINE, namespace=HERE)), ""),
        (of(replace(ENGINE, endpoint="tcp://127.0.0.1:2375")), ""),
        (of(Engine(endpoint="unix:///srv/docker.sock")), ""),
        (of(replace(NESTED, rootless=True, pid=410)), ""),
        (of(DESKTOP), ""),
        (of(replace(DESKTOP, endpoint="tcp://localhost:2375")), ""),
        (of(Engine(endpoint="npipe:////./pipe/docker_engine"), system="Windows"), ""),
        (of(Engine(endpoint="tcp://localhost:2375"), system="Windows"), ""),
        (of(REMOTE, ENGINE), ""),  # one of them takes its ports here
        (of(replace(REMOTE, state="unknown")), ""),
        (of(REMOTE), WHERE_IT_RUNS.format(REMOTE.endpoint)),
        (of(REMOTE, system="Windows"), WHERE_IT_RUNS.format(REMOTE.endpoint)),
        (of(replace(DESKTOP, endpoint="tcp://192.0.2.7:2375")), WHERE_IT_RUNS.format("tcp://192.0.2.7:2375")),
        (of(replace(REMOTE, endpoint="tcp://127.0.0.1:2375")), WHERE_IT_RUNS.format("tcp://127.0.0.1:2375")),
        (of(replace(REMOTE, endpoint="ssh://root@192.0.2.7")), WHERE_IT_RUNS.format("ssh://root@192.0.2.7")),
        (of(NESTED), ANOTHER_NETWORK.format(NESTED.endpoint, THERE)),
        (of(replace(NESTED, namespace="not seen")), ANOTHER_NETWORK.format(NESTED.endpoint, "not seen")),
        (of(replace(NESTED, rootless=True)), ANOTHER_NETWORK.format(NESTED.endpoint, THERE)),
        (of(replace(NESTED, pid=500)), ANOTHER_NETWORK.format(NESTED.endpoint, THERE)),
        (host(engine=(NESTED,)), ANOTHER_NETWORK.format(NESTED.endpoint, THERE)),  # section platform was not gathered
        (host(engine=(replace(NESTED, pid=500),)), ""),
    ],
)  # fmt: skip
def test_elsewhere(evidence, why):
    assert elsewhere(evidence) == why


@pytest.mark.parametrize("engine", [REMOTE, NESTED])
@pytest.mark.parametrize("publish", ["8080:80", "192.0.2.99:8080:80", "40000:80"])
def test_a_bind_and_a_listener_of_this_host_say_nothing_of_it(engine, publish):
    """Neither that the port is free, nor who has it."""
    binds = (Bind("0.0.0.0", "tcp", 8080), Bind("::", "tcp", 8080), Bind("192.0.2.99", "tcp", 8080))

    for sockets in ((), (PYTHON,)):
        found = diagnose(of(engine, sockets=sockets, binds=binds), wants_of(publish), CAUSES)
        assert (verdicts(found), found.findings) == (["unknown"], ())
        assert (
            found.unjudged["process"]
            == f"sockets: {elsewhere(of(engine))}; look from the engine's own host and network"
        )


def test_its_own_containers_do():
    theirs = replace(WEB_8080, engine=REMOTE.endpoint)

    found = diagnose(of(REMOTE, publications=(theirs,)), wants_of("8080:80", "shop/new"), CAUSES)

    assert verdicts(found) == ["blocked"]
    assert [f.summary for f in found.findings] == ["shop/new wants *:8080/tcp, but container web has 0.0.0.0:8080/tcp"]


def test_nothing_of_this_host_is_left_and_what_was_not_seen_of_the_engine_still_is():
    dark = (
        Blind("containers", "half of them are dark", "bring a lamp"),
        Blind("sockets", "netlink: refused", "become"),
    )
    whole = of(REMOTE, binds=(), exclusions=(), windows_sockets=(), published_policy=PublishedPolicy(), blind=dark)

    left = of_the_engine(whole)

    seen = {name for name in SECTIONS if getattr(left, name) is not None}
    assert seen == {"platform", "engine", "containers", "publications", "endpoints"}
    assert {one.section for one in left.blind} == (set(SECTIONS) - seen) | {"containers"}
    assert [str(one) for one in left.blind if one.section == "sockets"] == [
        f"sockets: {elsewhere(whole)}; look from the engine's own host and network"
    ]
