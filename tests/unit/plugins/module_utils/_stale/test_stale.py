# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._engine_action import Refusal
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost
from ansible_collections.dockmaster.ports.plugins.module_utils._stale import containers, networks
from ansible_collections.dockmaster.ports.plugins.module_utils._stale.age import AgeError, moment_of, seconds_of
from ansible_collections.dockmaster.ports.plugins.module_utils._stale.engine import NotRemoved, remove_all
from ansible_collections.dockmaster.ports.plugins.module_utils._stale.wish import Wish, wish_of

ENGINE = "unix:///var/run/docker.sock"
NOW = 1795272000.0  # 2026-11-21T14:40:00Z
YESTERDAY, LAST_YEAR, NEVER = "2026-11-20T14:40:00.123456789Z", "2025-11-21T15:40:00+01:00", "0001-01-01T00:00:00Z"


@pytest.mark.parametrize("age, seconds", [("30s", 30), ("5m", 300), ("2h", 7200), ("30d", 2592000), ("1w", 604800)])
def test_seconds_of(age, seconds):
    assert seconds_of(age) == seconds


@pytest.mark.parametrize("age", ["", "30", "d", "-1d", "1.5d", "30 d"])
def test_no_age(age):
    with pytest.raises(AgeError) as raised:
        seconds_of(age)

    assert str(raised.value) == f"{age!r} is not an age: expected a number and s, m, h, d or w, such as 30d"


@pytest.mark.parametrize(
    "text, moment",
    [
        (YESTERDAY, NOW - 86400),
        ("2026-11-21T15:40:00+01:00", NOW),
        ("2026-11-21T13:10:00-01:30", NOW),
        (NEVER, None),
        ("", None),
    ],
)
def test_moment_of(text, moment):
    assert moment_of(text) == moment


def engine(answers):
    api = {f"{ENGINE} {path}": [200, json.dumps(body)] for path, body in answers.items()}
    return ReplayHost({"api": api}, taken_at=NOW)


def container(name, status="exited", ended=YESTERDAY, made=LAST_YEAR, ports=None):
    return {
        "Id": name * 8,
        "Name": f"/{name}",
        "Created": made,
        "State": {"Status": status, "FinishedAt": ended},
        "Config": {"Image": "nginx:1"},
        "HostConfig": {"PortBindings": ports or {}},
    }


CONTAINERS = [
    container("old", ended=LAST_YEAR, ports={"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}),
    container(
        "new", ports={"53/udp": [{"HostIp": "::1", "HostPort": "53"}], "9/tcp": [{"HostIp": "", "HostPort": ""}]}
    ),
    container("made", "created", NEVER, YESTERDAY),
    container("runs", "running", LAST_YEAR),
    container("when", ended="soon", made=""),
]


def beside(wish):
    listed = f"/containers/json?all=1&filters={quote(json.dumps(containers.filters_of(wish)), safe='')}"
    answers = {listed: [{"Id": one["Id"]} for one in CONTAINERS]}
    return engine({**answers, **{f"/containers/{one['Id']}/json": one for one in CONTAINERS}})


@pytest.mark.parametrize(
    "wish, names",
    [
        (Wish(), ["made", "new", "old", "when"]),  # not the one that runs by now
        (Wish(older_than=2 * 86400), ["old"]),  # what tells no time is not known to be old
        (Wish(older_than=3600), ["made", "new", "old"]),
        (Wish(name="^n"), ["new"]),
        (Wish(name="e"), ["made", "new", "when"]),
        (Wish(older_than=2 * 86400, name="new"), []),
    ],
)
def test_which_containers(wish, names):
    assert [one.name for one in containers.find(beside(wish), ENGINE, wish)] == names


def test_what_they_would_publish():
    found = {one.name: one.wants for one in containers.find(beside(Wish()), ENGINE, Wish())}

    assert found == {"old": ("8080:80/tcp",), "new": ("[::1]:53:53/udp", "9/tcp"), "made": (), "when": ()}


def test_what_the_engine_selects():
    wish = Wish(image="nginx", labels=("a=1",), project="shop")

    assert containers.filters_of(wish) == {
        "status": ["created", "exited", "dead"],
        "ancestor": ["nginx"],
        "label": ["a=1", "com.docker.compose.project=shop"],
    }


def network(name, **more):
    return {
        "Id": name * 4,
        "Name": name,
        "Created": LAST_YEAR,
        "Driver": "bridge",
        "IPAM": {"Config": [{"Subnet": "172.20.0.0/16"}]},
        **more,
    }


NETWORKS = [
    network("free"),
    network("young", Created=YESTERDAY),
    network("when", Created=""),
    network("bridge"),
    network("busy", Containers={"x": {}}),
    network("needed"),  # by a container that does not run
    network("mode"),  # by one that was never started
    network("overlay", Scope="swarm"),
    network("ingress2", Ingress=True),
]


def networks_beside(wish):
    stopped = {
        "NetworkSettings": {"Networks": {"needed": {"NetworkID": "needed" * 4}}},
        "HostConfig": {"NetworkMode": "mode"},
    }
    answers = {
        "/containers/json?all=1": [{"Id": "s"}],
        "/containers/s/json": stopped,
        f"/networks?filters={quote(json.dumps(networks.filters_of(wish)), safe='')}": [
            {"Id": one["Id"]} for one in NETWORKS
        ],
    }
    return engine({**answers, **{f"/networks/{one['Id']}": one for one in NETWORKS}})


@pytest.mark.parametrize(
    "wish, names",
    [
        (Wish(), ["free", "when", "young"]),
        (Wish(older_than=2 * 86400), ["free"]),
        (Wish(name="^y"), ["young"]),
    ],
)
def test_which_networks(wish, names):
    found = networks.find(networks_beside(wish), ENGINE, wish)

    assert [one.name for one in found] == names
    assert {one.subnets for one in found} == {("172.20.0.0/16",)}


GIVEN = dict.fromkeys(("older_than", "labels", "name", "project"))


def test_wish_of():
    given = {"older_than": "2h", "labels": ["a=1"], "name": "^x", "project": "shop"}

    assert wish_of(given) == Wish(7200, ("a=1",), "^x", "shop")
    assert wish_of(GIVEN) == Wish()
    assert wish_of({**given, "image": "nginx"}).image == "nginx"


@pytest.mark.parametrize(
    "given, message",
    [
        ({"older_than": "3"}, "older_than: '3' is not an age: expected a number and s, m, h, d or w, such as 30d"),
        ({"name": "("}, "name: '(' is not a regular expression: missing ), unterminated subpattern at position 0"),
    ],
)
def test_no_wish(given, message):
    with pytest.raises(ValueError) as raised:
        wish_of({**GIVEN, **given})

    assert str(raised.value) == message


@pytest.mark.parametrize("refusal", [Refusal("it is running"), Unseen("it is running")])
def test_one_that_the_engine_keeps(refusal):
    def remove(one):
        if one.name == "new":
            raise refusal

    found = containers.find(beside(Wish()), ENGINE, Wish())
    with pytest.raises(NotRemoved) as raised:
        remove_all(found, remove)
    with pytest.raises(NotRemoved) as first:
        remove_all(found[1:], remove)

    assert str(raised.value) == "new was not removed: it is running; removed before it: made"
    assert str(first.value) == "new was not removed: it is running"
