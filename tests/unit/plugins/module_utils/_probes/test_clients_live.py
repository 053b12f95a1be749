# SPDX-License-Identifier: GPL-3.0-or-later
"""Section `clients` against this machine's own kernel: connections that the test makes on loopback."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import time

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._live_host import LiveHost
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import clients
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the probe reads Linux's tables")


def gather(*ports):
    blind = []
    seen = clients.probe(LiveHost(), Request(("clients",), focus=tuple((p, p) for p in ports)), Evidence(), blind)
    return seen["clients"], blind


@contextlib.contextmanager
def connected(ip="127.0.0.1"):
    """Both ends of a connection, and the socket that listens."""
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    with socket.socket(family) as server:
        server.bind((ip, 0))
        server.listen(8)
        with socket.socket(family) as client:
            client.connect(server.getsockname()[:2])
            accepted, _peer = server.accept()
            with accepted:
                yield client, accepted, server


def wait_for(condition, seconds=10.0):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def port(sock):
    return sock.getsockname()[1]


@pytest.mark.parametrize("ip", ["127.0.0.1", "::1"])
def test_an_established_connection_has_its_owner(ip):
    with connected(ip) as (client, _accepted, server):
        found, blind = gather(port(client))
        peer = f"[{ip}]:{port(server)}" if ":" in ip else f"{ip}:{port(server)}"

        assert [(s.ip, s.protocol, s.port, s.state, s.peer, s.pid, s.inode) for s in found] == [
            (ip, "tcp", port(client), "established", peer, os.getpid(), os.fstat(client.fileno()).st_ino)
        ]
        assert blind == []


def test_time_wait_has_no_owner_and_no_file():
    with connected() as (client, accepted, server):
        asked, peer = port(client), port(server)
        client.shutdown(socket.SHUT_WR)
        assert accepted.recv(1) == b""
        accepted.close()
        assert client.recv(1) == b""

    found, blind = gather(asked)

    assert [(s.port, s.state, s.peer, s.pid, s.inode) for s in found] == [
        (asked, "time_wait", f"127.0.0.1:{peer}", None, 0)
    ]
    assert blind == []


def test_half_closed_connections_keep_their_port():
    with connected() as (client, accepted, _server):
        accepted.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""

        assert [s.state for s in gather(port(client))[0]] == ["close_wait"]
        # The peer's ACK of the FIN may be delayed, by 40 ms and more: fin_wait1 until then.
        wait_for(lambda: [s.state for s in gather(port(accepted))[0]] != ["fin_wait1"])
        assert [s.state for s in gather(port(accepted))[0]] == ["fin_wait2"]


def test_a_connection_that_a_listener_accepted_is_told_as_the_kernel_tells_it():
    with connected() as (client, accepted, _server):
        found, _blind = gather(port(accepted))

        assert [(s.state, s.peer) for s in found] == [("established", f"127.0.0.1:{port(client)}")]


def test_a_connected_udp_socket_keeps_its_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.connect(("127.0.0.1", 9))

        assert [(s.protocol, s.state, s.peer) for s in gather(port(sock))[0]] == [("udp", "established", "127.0.0.1:9")]


def test_the_kernel_leaves_out_other_ports():
    with connected() as (client, _accepted, _server), connected() as (other, _far, _there):
        host = LiveHost()
        asked = [(port(client), port(client))]

        told = [row.port for row in clients.told_tcp(host, clients.CONNECTIONS, asked)]

        assert told == [port(client)]
        assert port(other) not in told


def test_a_thousand_ranges_are_asked_for_in_one_program():
    with connected() as (client, _accepted, _server):
        ranges = [(p, p) for p in range(1, 2001, 2) if p != port(client)] + [(port(client), port(client))]
        seen = clients.probe(LiveHost(), Request(("clients",), focus=tuple(ranges)), Evidence(), [])

        assert port(client) in {s.port for s in seen["clients"]}


def test_more_than_are_reported_are_counted():
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(128)
        for _turn in range(70):
            stack.enter_context(socket.create_connection(server.getsockname()))
        found, blind = gather(port(server))

    assert len(found) == 64
    assert [b.part for b in blind] == ["6 more connections"]
