# SPDX-License-Identifier: GPL-3.0-or-later
"""What a real lsof shows of this machine is what its kernel shows by netlink."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import sys

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._live_host import LiveHost
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import clients
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import sockets as linux
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.macos import sockets as macos
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="compares lsof with Linux's netlink"),
    pytest.mark.skipif(not shutil.which("lsof", path="/usr/bin:/usr/sbin"), reason="lsof is not installed"),
]

V4, V6 = socket.AF_INET, socket.AF_INET6
TCP, UDP = socket.SOCK_STREAM, socket.SOCK_DGRAM
KINDS = [(V4, TCP, "127.0.0.1"), (V4, TCP, "0.0.0.0"), (V6, TCP, "::1"), (V6, TCP, "::"),
         (V4, UDP, "127.0.0.2"), (V4, UDP, "0.0.0.0"), (V6, UDP, "::1"), (V6, UDP, "::")]  # fmt: skip


@contextlib.contextmanager
def opened():
    """One socket of every kind, and of TCP and UDP a connected pair: those that are open now, and what was connected."""
    with contextlib.ExitStack() as stack:
        made = []
        for family, kind, ip in KINDS:
            sock = stack.enter_context(socket.socket(family, kind))
            sock.bind((ip, 0))
            if kind == TCP:
                sock.listen(1)
            made.append(sock)
        client = stack.enter_context(socket.create_connection(made[0].getsockname()))
        stack.enter_context(made[0].accept()[0])
        talker = stack.enter_context(socket.socket(V4, UDP))
        talker.connect(made[4].getsockname())
        yield [*made, talker], client


def gather(probe, *sections, focus=()):
    request = Request(sections=sections, focus=focus)
    return probe.probe(LiveHost(), request, Evidence(), [])


def plain(records):
    return {
        (one.ip, one.protocol, one.port, one.state, one.inode, one.pid, one.started, one.uid, one.peer)
        for one in records
    }


def of(records, inodes):
    return {row for row in plain(records) if row[4] in inodes}


def test_sockets_and_their_owners():
    with opened() as (made, _client):
        inodes = {os.fstat(sock.fileno()).st_ino for sock in made}
        ours, theirs = (gather(probe, "sockets")["sockets"] for probe in (macos, linux))

    assert len(of(ours, inodes)) == len(made) == 9
    assert {row[:6] + row[7:] for row in of(ours, inodes)} == {row[:6] + row[7:] for row in of(theirs, inodes)}
    assert {one.command for one in ours if one.pid == os.getpid()} == {
        one.command for one in theirs if one.pid == os.getpid()
    }


def test_when_a_process_started():
    with opened() as (made, _client):
        port = made[0].getsockname()[1]
        ours, theirs = (gather(probe, "sockets")["sockets"] for probe in (macos, linux))

    first, second = (next(one.started for one in records if one.port == port) for records in (ours, theirs))
    assert abs(first - second) <= 1.5  # ps tells seconds, /proc hundredths


def test_connections():
    with opened() as (_made, client):
        port = client.getsockname()[1]
        inode = os.fstat(client.fileno()).st_ino
        ours, theirs = (gather(probe, "clients", focus=((port, port),))["clients"] for probe in (macos, clients))

    assert {row[:6] for row in of(ours, {inode})} == {row[:6] for row in of(theirs, {inode})} != set()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="lsof shows all sockets to root only")
def test_every_socket_of_this_machine_that_stays():
    """Those that both saw before and after each other's look, and that some process of this PID namespace has open."""
    first = plain(gather(linux, "sockets")["sockets"])
    ours = plain(gather(macos, "sockets")["sockets"])
    last = plain(gather(linux, "sockets")["sockets"])
    stay = {row[:5] for row in first & last if row[5] is not None and not (row[1] == "tcp" and row[3] == "bound")}

    assert stay - {row[:5] for row in ours} == set()
