# SPDX-License-Identifier: GPL-3.0-or-later
"""The bind probe against this machine's kernel."""

from __future__ import annotations

import os
import pathlib
import socket
import struct
import sys
import threading

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils import _live_bind
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Tried
from ansible_collections.dockmaster.ports.plugins.module_utils._live_bind import try_bind

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="engines bind on Linux")

FREE = Tried("", "")
TAKEN = Tried("bind", "EADDRINUSE")


def made(family, kind, ip, *options, listen=False):
    sock = socket.socket(family, kind)
    for level, option, value in options:
        sock.setsockopt(level, option, value)
    sock.bind((ip, 0))
    if listen:
        sock.listen(1)
    return sock


REUSE = (socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
SHARE = (socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
ONLY = (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
DUAL = (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
TCP, UDP, V4, V6 = socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.AF_INET, socket.AF_INET6

HELD = [
    # who holds it                                              what is tried               outcome
    ((V4, TCP, "127.0.0.1", True, []), ("0.0.0.0", "tcp", True), TAKEN),
    ((V4, TCP, "127.0.0.1", True, [REUSE]), ("0.0.0.0", "tcp", True), TAKEN),
    ((V4, TCP, "127.0.0.1", True, [SHARE]), ("127.0.0.1", "tcp", True), TAKEN),
    ((V4, TCP, "127.0.0.1", True, []), ("127.0.0.2", "tcp", True), FREE),
    ((V4, TCP, "127.0.0.1", False, []), ("127.0.0.1", "tcp", True), TAKEN),
    ((V4, TCP, "127.0.0.1", False, [REUSE]), ("127.0.0.1", "tcp", True), FREE),  # bound only: both may
    ((V6, TCP, "::", True, [DUAL]), ("0.0.0.0", "tcp", True), TAKEN),
    ((V6, TCP, "::", True, [ONLY]), ("0.0.0.0", "tcp", True), FREE),
    ((V4, TCP, "0.0.0.0", True, []), ("::", "tcp", True), FREE),  # engines bind [::] v6only
    ((V4, TCP, "0.0.0.0", True, []), ("0.0.0.0", "udp", False), FREE),
    ((V4, UDP, "127.0.0.1", False, []), ("0.0.0.0", "udp", False), TAKEN),
    ((V4, UDP, "127.0.0.1", False, [REUSE]), ("0.0.0.0", "udp", False), TAKEN),
    ((V4, UDP, "127.0.0.1", False, [REUSE]), ("0.0.0.0", "udp", True), FREE),  # engine 28 shares it
    ((V4, UDP, "127.0.0.1", False, []), ("0.0.0.0", "udp", True), TAKEN),
]  # fmt: skip


@pytest.mark.parametrize("holder, tried, outcome", HELD)
def test_what_the_kernel_says_to_an_engine(holder, tried, outcome):
    family, kind, ip, listen, options = holder
    with made(family, kind, ip, *options, listen=listen) as sock:
        wanted, protocol, reuse = tried

        assert try_bind(wanted, protocol, sock.getsockname()[1], reuse) == outcome


def test_a_free_port_is_free_again_at_once():
    with made(V4, TCP, "127.0.0.1", listen=True) as sock:
        port = sock.getsockname()[1]

    assert [try_bind("127.0.0.1", "tcp", port, True) for _turn in range(3)] == [FREE] * 3
    with socket.socket() as again:
        again.bind(("127.0.0.1", port))


@pytest.mark.parametrize(
    "ip, outcome",
    [("192.0.2.77", Tried("bind", "EADDRNOTAVAIL")), ("2001:db8::77", Tried("bind", "EADDRNOTAVAIL"))],
)
def test_an_address_that_the_host_does_not_have(ip, outcome):
    assert try_bind(ip, "tcp", 0, True) == outcome


def test_a_protocol_that_the_kernel_does_not_have(monkeypatch):
    monkeypatch.setattr(_live_bind, "_IPPROTO_SCTP", 254)

    assert try_bind("127.0.0.1", "sctp", 0, False) == Tried("socket", "EPROTONOSUPPORT")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can drop its rights")
def test_a_low_port_that_this_user_may_not_bind():
    start = int(pathlib.Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    if start == 0:
        pytest.skip("here every user may bind every port")
    outcome = []
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.setuid(65534)
        os.write(writer, "/".join(try_bind("127.0.0.1", "tcp", start - 1, True)).encode())
        os._exit(0)
    os.close(writer)
    outcome = os.read(reader, 100).decode()
    os.close(reader)
    os.waitpid(child, 0)

    assert outcome == "bind/EACCES"


def test_a_listener_with_the_filter_takes_no_connection():
    """While the probe listens for an instant, a client must not believe that it has a server."""
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        _live_bind.attach_drop_all(server)
        server.listen(1)
        client.settimeout(0.5)

        with pytest.raises(socket.timeout):
            client.connect(server.getsockname())


@pytest.mark.parametrize("protocol, times", [("tcp", 1), ("udp", 0)])
def test_every_probe_that_listens_has_the_filter(monkeypatch, protocol, times):
    filtered = []
    monkeypatch.setattr(_live_bind, "attach_drop_all", filtered.append)

    try_bind("127.0.0.1", protocol, 0, False)

    assert len(filtered) == times


def test_the_filter_is_a_program_of_one_instruction(monkeypatch):
    given = []

    class Sock:
        def setsockopt(self, level, option, program):
            given.append((level, option, program))
            raise OSError  # where the system does not know the option, nothing else happens

    _live_bind.attach_drop_all(Sock())
    monkeypatch.setattr(sys, "platform", "darwin")
    _live_bind.attach_drop_all(Sock())

    ((level, option, program),) = given
    assert (level, option) == (socket.SOL_SOCKET, 26)
    assert len(program) == struct.calcsize("@HP")
    assert struct.unpack("@HP", program)[0] == 1


def test_many_probes_at_once_do_not_disturb_one_another():
    with made(V4, TCP, "127.0.0.1", listen=True) as sock:
        port = sock.getsockname()[1]
        outcomes = []
        threads = [
            threading.Thread(target=lambda: outcomes.append(try_bind("127.0.0.1", "tcp", port, True)))
            for _turn in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert outcomes == [TAKEN] * 20
