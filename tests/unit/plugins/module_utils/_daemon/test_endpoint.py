# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.endpoint import AnotherEngine, endpoint_of
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.launch import Launch, Place

SOCKET = "unix:///var/run/docker.sock"
USER = Place("docker.service", True, "/home/u/.config/docker", "/run/user/1000")
USERS = "unix:///run/user/1000/docker.sock"
FD, TCP = ("-H", "fd://"), ("-H", "tcp://0.0.0.0:2376", "-H", "tcp://192.0.2.5:2375")


@pytest.mark.parametrize(
    "place, arguments, config, endpoint",
    [
        (Place(), (), {}, SOCKET),
        (Place(), FD, {}, SOCKET),
        (Place(), ("-H", "unix:///x.sock"), {}, "unix:///x.sock"),
        (Place(), (), {"hosts": ["tcp://0.0.0.0:2375", "unix:///y.sock"]}, "unix:///y.sock"),
        (Place(), TCP, {}, SOCKET),
        (USER, (), {}, USERS),
    ],
)
def test_where_the_engine_answers(place, arguments, config, endpoint):
    assert endpoint_of(place, Launch(arguments, pid=812), config) == endpoint


WISHED = [
    # place, arguments, the engine that is named, whether it is this one
    (Place(), FD, SOCKET, True),
    (Place(), FD, "unix:///run/docker.sock", True),
    (Place(), FD, USERS, False),
    (Place(), FD, "tcp://192.0.2.23:2376", False),
    (Place(), FD, "ssh://web-01", False),
    (Place(), TCP, "tcp://web-01:2376", True),
    (Place(), TCP, "tcp://web-01:2375", False),
    (Place(), TCP, "tcp://192.0.2.5:2375", True),
    (Place(), TCP, SOCKET, False),
    (Place(), ("-H", "unix:///x.sock"), SOCKET, False),
    (USER, (), USERS, True),
    (USER, (), SOCKET, False),
]


@pytest.mark.parametrize("place, arguments, wished, own", WISHED)
def test_one_that_is_named(place, arguments, wished, own):
    if own:
        assert endpoint_of(place, Launch(arguments, pid=812), {}, wished) == wished
        return
    with pytest.raises(AnotherEngine):
        endpoint_of(place, Launch(arguments, pid=812), {}, wished)


def test_says_where_it_does_answer():
    with pytest.raises(AnotherEngine) as raised:
        endpoint_of(Place(), Launch(FD, pid=812), {"hosts": ["tcp://127.0.0.1:2375"]}, USERS)

    assert str(raised.value) == (
        f"docker_host: {USERS} is not where the engine of docker.service answers ({SOCKET}, tcp://127.0.0.1:2375)"
    )


def test_one_that_does_not_run_is_asked_nothing():
    assert endpoint_of(Place(), Launch(FD), {}, USERS) == USERS
