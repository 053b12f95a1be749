# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.blast import Affected
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.consequences import consequences, silenced

OFF, ON = {"userland-proxy": False}, {"userland-proxy": True}


def container(*ports, ipv6=False, anywhere=()):
    return Affected("c" * 64, "web", "always", "returns", ports, "running", ipv6, anywhere)


V4, BOTH = container("0.0.0.0:80/tcp", "[::]:80/tcp"), container("0.0.0.0:80/tcp", "[::]:80/tcp", ipv6=True)
SILENCED = [
    # before, after, container, where nobody answers any more
    ({}, OFF, V4, ["[::]:80/tcp"]),
    ({}, OFF, BOTH, ["[::1]:80/tcp"]),
    ({}, OFF, container("127.0.0.1:80/tcp"), []),
    ({}, OFF, container("[::1]:80/tcp", ipv6=True), ["[::1]:80/tcp"]),
    ({}, OFF, container("[2001:db8::1]:80/tcp"), ["[2001:db8::1]:80/tcp"]),
    ({}, OFF, container("[2001:db8::1]:80/tcp", ipv6=True), []),
    (OFF, OFF, V4, []),
    (OFF, {}, V4, []),
    ({}, {"ip": "127.0.0.1"}, container("0.0.0.0:80/tcp", anywhere=("0.0.0.0:80/tcp",)), ["0.0.0.0:80/tcp"]),
    ({"ip": "127.0.0.1"}, {}, container("127.0.0.1:80/tcp", anywhere=("127.0.0.1:80/tcp",)), []),
    ({}, {"ip": "127.0.0.1"}, container("0.0.0.0:80/tcp"), []),
]
SENTENCES = [
    (
        {},
        OFF,
        "nobody answers any more at [::]:80/tcp: IPv6 to a container without IPv6, and ::1, need the proxy",
    ),
    (OFF, ON, "a docker-proxy runs for each published port and address: 2 on this host now"),
    (OFF, {}, "a docker-proxy runs for each published port and address: 2 on this host now"),
    ({}, {"ip": "127.0.0.1"}, "ip counts for the default bridge alone; default-network-opts is for the other networks"),
    (
        {},
        {"default-network-opts": {"bridge": {}}},
        "default-network-opts counts for networks that are made from now on: others have to be made anew",
    ),
    (
        {},
        {"live-restore": True},
        "containers go on while the engine is down, and nobody holds their published ports meanwhile",
    ),
]


@pytest.mark.parametrize("before, after, one, bindings", SILENCED)
def test_silenced(before, after, one, bindings):
    assert silenced(before, after, [one]) == bindings


@pytest.mark.parametrize("before, after, sentence", SENTENCES)
def test_consequences(before, after, sentence):
    assert consequences(before, after, [V4])[0] == sentence


def test_where_the_default_bridge_publishes():
    web = container("0.0.0.0:80/tcp", anywhere=("0.0.0.0:80/tcp",))

    assert consequences({}, {"ip": "127.0.0.1"}, [web]) == [
        "these are published at that address alone from then on: 0.0.0.0:80/tcp",
        "ip counts for the default bridge alone; default-network-opts is for the other networks",
    ]


@pytest.mark.parametrize("after", [{}, {"ip": "0.0.0.0"}])
def test_what_is_open_to_everybody_from_then_on(after):
    web = container("127.0.0.1:80/tcp", "127.0.0.1:81/tcp", anywhere=("127.0.0.1:80/tcp",))

    assert consequences({"ip": "127.0.0.1"}, after, [web]) == [
        "these are published on every address from then on: 127.0.0.1:80/tcp",
        "ip counts for the default bridge alone; default-network-opts is for the other networks",
    ]


def test_what_was_open_to_everybody_before():
    web = container("0.0.0.0:80/tcp", anywhere=("0.0.0.0:80/tcp",))

    assert consequences({}, {"ip": "0.0.0.0"}, [web]) == [
        "ip counts for the default bridge alone; default-network-opts is for the other networks"
    ]


@pytest.mark.parametrize("before, after", [({}, {}), ({}, ON), ({}, {"debug": True}), (OFF, OFF)])
def test_nothing_is_known(before, after):
    assert consequences(before, after, [V4]) == []
