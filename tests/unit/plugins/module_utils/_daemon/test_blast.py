# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.blast import (
    Blast,
    blast_of,
    version_of,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.launch import Launch
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.summary import describe
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.survival import LiveRestore
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost

SOCKET = "unix:///var/run/docker.sock"
RUNNING = Launch(("-H", "fd://"), pid=812)
STAYS = LiveRestore(at_start=True)
WEB = [
    {"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 443, "Type": "tcp"},
    {"IP": "::", "PublicPort": 443, "Type": "tcp"},
]
CONTAINERS = {
    "web": {"Ports": WEB, "HostConfig": {"RestartPolicy": {"Name": "always"}}},
    "db": {
        "Ports": [{"PrivatePort": 5432, "Type": "tcp"}],
        "HostConfig": {"RestartPolicy": {"Name": "unless-stopped"}},
    },
    "job": {
        "Ports": [{"IP": "127.0.0.1", "PrivatePort": 1, "PublicPort": 9, "Type": "udp"}],
        "HostConfig": {"RestartPolicy": {"Name": "no"}},
    },
    "try": {"Ports": [], "HostConfig": {"RestartPolicy": {"Name": "on-failure"}}},
    "tmp": {"Ports": [], "HostConfig": {"RestartPolicy": {"Name": ""}, "AutoRemove": True}},
}


def engine(names, live_restore=False, swarm="inactive"):
    info = {"LiveRestoreEnabled": live_restore, "Swarm": {"LocalNodeState": swarm}, "ServerVersion": "26.1.5+dfsg1"}
    answers = {"/info": info, "/containers/json": [{"Id": n * 16, "Ports": CONTAINERS[n]["Ports"]} for n in names]}
    for name in names:
        answers[f"/containers/{name * 16}/json"] = {"Name": f"/{name}", "HostConfig": CONTAINERS[name]["HostConfig"]}
    return ReplayHost({"api": {f"{SOCKET} {path}": [200, json.dumps(body)] for path, body in answers.items()}})


SUMMARIES = [
    ([], {}, ["a restart stops no container"]),
    (
        ["web"],
        {},
        [
            "1 container is stopped and started again: web",
            "nobody holds these ports meanwhile: 0.0.0.0:443/tcp, [::]:443/tcp",
        ],
    ),
    (
        ["web", "db", "job", "try", "tmp"],
        {},
        [
            "2 containers are stopped and started again: web, db",
            "1 container is stopped, and started again only if it ends with an error (restart policy on-failure): try",
            "1 container is stopped and stays down (no restart policy): job",
            "1 container is stopped and removed (--rm): tmp",
            "nobody holds these ports meanwhile: 0.0.0.0:443/tcp, [::]:443/tcp",
        ],
    ),
    (
        ["db", "job", "tmp"],
        {"live_restore": True},
        [
            "3 containers go on through live-restore: db, job, tmp",
            "nobody holds these ports meanwhile: 127.0.0.1:9/udp",
        ],
    ),
    (
        ["db"],
        {"live_restore": True, "swarm": "active"},
        ["1 container is stopped and started again: db"],
    ),
]


@pytest.mark.parametrize("names, state, summary", SUMMARIES)
def test_what_a_restart_does(names, state, summary):
    blast = blast_of(engine(names, **state), RUNNING, SOCKET, STAYS)

    assert describe(blast) == summary
    assert blast.version == (26, 1, 5)


RELOADED_FIRST = [
    "1 container goes on through live-restore if the engine is reloaded before it is restarted, else it is stopped: tmp"
]
REMOVED = ["1 container is stopped and removed (--rm): tmp"]
LIVE_RESTORES = [
    # whether the engine has it now, and what becomes of that; summary
    (True, STAYS, ["1 container goes on through live-restore: tmp"]),
    (True, LiveRestore(), REMOVED),  # the engine starts without it, and stops what it finds
    (False, STAYS, REMOVED),  # the engine stops without it
    (False, LiveRestore(at_start=True, by_reload=True), RELOADED_FIRST),
    (False, LiveRestore(reloaded=True), ["1 container goes on through live-restore: tmp"]),
]


@pytest.mark.parametrize("now, live, summary", LIVE_RESTORES)
def test_who_outlives_a_restart(now, live, summary):
    blast = blast_of(engine(["tmp"], live_restore=now), RUNNING, SOCKET, live)

    assert describe(blast) == summary
    assert blast.live_restore == ("goes on through live-restore:" in summary[0])


def test_in_a_swarm_nobody_does():
    blast = blast_of(engine(["tmp"], live_restore=True, swarm="active"), RUNNING, SOCKET, LiveRestore(True, True, True))

    assert describe(blast) == REMOVED


def test_an_engine_that_does_not_run_is_not_woken():
    assert blast_of(ReplayHost({}), Launch(), SOCKET, STAYS) == Blast()


def test_says_what_it_could_not_see():
    blast = blast_of(ReplayHost({}), RUNNING, SOCKET, STAYS)

    assert describe(blast) == [
        f"what a restart would stop was not seen: {SOCKET} /info is not in the recording",
    ]


@pytest.mark.parametrize(
    "status, body, why",
    [
        (503, "", f"the engine at {SOCKET} answers /info with status 503"),
        (200, "<html>", f"what answers at {SOCKET} is no container engine"),
    ],
)
def test_an_answer_that_is_none(status, body, why):
    host = ReplayHost({"api": {f"{SOCKET} /info": [status, body]}})

    assert blast_of(host, RUNNING, SOCKET, STAYS).why == why


@pytest.mark.parametrize(
    "text, version",
    [("28.5.2", (28, 5, 2)), ("26.1.5+dfsg1", (26, 1, 5)), ("20.10.24-rc1", (20, 10, 24)), ("dev", ()), ("", ())],
)
def test_version_of(text, version):
    assert version_of(text) == version


@pytest.mark.parametrize(
    "mode, host_ip, anywhere",
    [("default", "", ("0.0.0.0:443/tcp", "[::]:443/tcp")), ("default", "192.0.2.1", ()), ("shop", "", ())],
)
def test_what_is_published_without_saying_where(mode, host_ip, anywhere):
    asked = {"80/tcp": [{"HostIp": host_ip, "HostPort": "443"}]}
    inspected = {"Name": "/web", "HostConfig": {"NetworkMode": mode, "PortBindings": asked}}
    ports = [{**one, "PrivatePort": 80} for one in WEB]
    answers = {
        "/info": {},
        "/containers/json": [{"Id": "w" * 64, "Ports": ports, "State": "paused"}],
        f"/containers/{'w' * 64}/json": inspected,
    }
    host = ReplayHost({"api": {f"{SOCKET} {path}": [200, json.dumps(body)] for path, body in answers.items()}})

    (web,) = blast_of(host, RUNNING, SOCKET, STAYS).containers

    assert (web.anywhere, web.state) == (anywhere, "paused")
