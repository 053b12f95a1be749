# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine of a Windows host through its command line: no container is missed in silence."""

from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.windows.windows_host import (
    CONTEXT,
    INFO,
    INSPECT,
    LIST,
    OLD,
    REQUEST,
    WEB,
    desktop,
    gathered,
    recording,
)

TASKS = "tasklist /SVC /FO CSV /NH"
DESKTOP_RUNS = '"Idle","0","N/A"\r\n"com.docker.backend.exe","9","N/A"\r\n'
PIPE = "npipe:////./pipe/dockerDesktopLinuxEngine"
REFUSED = "error during connect: open //./pipe/docker_engine: Zugriff verweigert"


def published(evidence):
    return [(one.by, one.ip, one.first, one.target, one.actual, one.state) for one in evidence.publications]


def test_containers_that_run_and_that_do_not():
    evidence = gathered(recording(**desktop(WEB, OLD)))

    assert published(evidence) == [
        ("shop/web", "", 8081, 80, False, "running"),
        ("shop/web", "0.0.0.0", 8081, 80, True, "running"),
        ("shop/web", "::", 8081, 80, True, "running"),
        ("old", "127.0.0.1", 9090, 80, False, "exited"),
    ]
    assert [(one.name, one.restart, one.pid) for one in evidence.containers] == [
        ("shop-web-1", "unless-stopped", None),
        ("old", "unless-stopped", None),
    ]
    assert [one.ip for one in evidence.endpoints] == ["172.17.0.2"]


def test_the_engine():
    (engine,) = gathered(recording(**desktop())).engine

    assert (engine.endpoint, engine.state, engine.version, engine.os_type) == (PIPE, "running", "28.5.2", "linux")
    assert engine.iptables is False


def test_an_engine_without_containers():
    evidence = gathered(recording(**desktop()))

    assert (evidence.containers, evidence.publications) == ((), ())


def test_no_engine_at_all():
    evidence = gathered(recording())

    assert (evidence.engine, evidence.containers, evidence.publications) == ((), (), ())
    assert evidence.blind == (
        Blind("engine", "no Docker engine found: there is no program docker, and no engine runs",
              "install and start Docker, or name its endpoint in docker_host", "any engine", False),
    )  # fmt: skip


def test_an_engine_that_nobody_can_ask():
    evidence = gathered(recording(**{TASKS: [0, DESKTOP_RUNS, ""]}))

    assert evidence.engine is None
    assert evidence.unseen("publications") == (
        "publications: com.docker.backend.exe runs, and there is no program docker to ask it with; "
        "add docker to the PATH"
    )


@pytest.mark.parametrize(
    "tasks, state", [(None, "unknown"), (DESKTOP_RUNS, "unknown"), ('"Idle","0","N/A"', "stopped")]
)
def test_an_engine_that_does_not_answer(tasks, state):
    told = {TASKS: [0, tasks, ""]} if tasks else {TASKS: [1, "", "no"]}
    evidence = gathered(recording(**{**desktop(), INFO: [1, "", REFUSED], **told}))

    assert [(one.state, one.endpoint) for one in evidence.engine] == [(state, PIPE)]
    assert evidence.publications is None
    assert evidence.unseen("publications").startswith(f"publications: {INFO}: {REFUSED}; start Docker")


@pytest.mark.parametrize(
    "ran, why",
    [
        ({INFO: [0, "ERROR\n", ""]}, "docker info was answered with what is no JSON: 'ERROR\\n'"),
        ({INFO: [0, "[]\n", ""]}, "docker info was answered with no document: '[]\\n'"),
        ({INFO: [0, "{}\n", ""]}, "docker info tells of no server"),
        ({LIST: [1, "", "denied"]}, "docker container ls: denied"),
        ({INSPECT: [0, "nonsense\n", ""]}, "docker container inspect was answered with what is no JSON: 'nonsense'"),
        ({INSPECT: [0, "{}\n", ""]}, "docker container inspect told of what is no container: '{}'"),
    ],
)
def test_what_is_no_answer_is_not_no_containers(ran, why):
    evidence = gathered(recording(**{**desktop(WEB), **ran}))

    assert evidence.publications is None
    assert why in evidence.unseen("publications")


def test_a_container_that_went_away_meanwhile():
    evidence = gathered(recording(**{**desktop(WEB), INSPECT: [1, WEB + "\n", "No such container: 2\r\n"]}))

    assert len(published(evidence)) == 3
    assert Blind("publications", "docker container inspect: No such container: 2", "", "some containers") in (
        evidence.blind
    )


def test_a_client_that_knows_no_contexts():
    (engine,) = gathered(recording(**{**desktop(), CONTEXT: [1, "", "unknown command"]})).engine

    assert engine.endpoint == "npipe:////./pipe/docker_engine"


def test_an_endpoint_that_the_user_named():
    named = {
        command.replace("docker ", "docker --host tcp://build:2376 ", 1): said for command, said in desktop(WEB).items()
    }
    evidence = gathered(recording(**named), REQUEST._replace(docker_host="tcp://build:2376"))

    assert [one.endpoint for one in evidence.engine] == ["tcp://build:2376"]
    assert len(published(evidence)) == 3
