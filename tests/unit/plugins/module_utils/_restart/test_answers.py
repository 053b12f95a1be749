# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import socket
import threading

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import Binding
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.answers import Door, answering, doors, knocked

OWN = ["192.0.2.1", "2001:db8::1"]
DOORS = [
    ("0.0.0.0:80/tcp", ["127.0.0.1:80", "192.0.2.1:80"]),
    ("[::]:80/tcp", ["[2001:db8::1]:80", "[::1]:80"]),
    ("127.0.0.1:80/tcp", ["127.0.0.1:80"]),
    ("192.0.2.7:80-81/tcp", ["192.0.2.7:80", "192.0.2.7:81"]),
    ("0.0.0.0:53/udp", []),
]


@pytest.mark.parametrize("binding, places", DOORS)
def test_doors(binding, places):
    assert [str(door) for door in doors([Binding.parse(binding)], OWN)] == places


def test_answering():
    both = [Door("127.0.0.1", 1), Door("127.0.0.1", 2)]

    assert answering(both, lambda door: door.port == 2) == {both[1]}
    assert answering([], lambda door: True) == frozenset()


def serve(behaviour):
    """A listener on loopback that does one thing with its first client. Returns its door."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(1)

    def work():
        client, _address = listener.accept()
        with listener, client:
            behaviour(client)

    threading.Thread(target=work, daemon=True).start()
    return Door(*listener.getsockname())


@pytest.mark.parametrize(
    "behaviour, there",
    [
        (lambda client: client.sendall(b"220 hello\r\n"), True),
        (lambda client: client.recv(1), True),  # waits for us to speak
        (lambda client: None, False),  # hangs up, as docker-proxy does with nobody behind it
    ],
    ids=["speaks first", "waits", "hangs up"],
)
def test_knocked(behaviour, there):
    assert knocked(serve(behaviour)) is there


def test_nobody_listens():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        door = Door(*free.getsockname())

    assert knocked(door) is False
