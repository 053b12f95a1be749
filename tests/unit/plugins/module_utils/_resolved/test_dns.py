# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import socket
import struct
import threading

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._resolved import dns
from ansible_collections.dockmaster.ports.plugins.module_utils._resolved.dns import Answer

YES, NO, FAILS, SILENT = Answer(0, 1), Answer(3, 0), Answer(2, 0), None
RESOLVES = [
    # what each server says, whether the name resolves
    ([YES], True),
    ([NO, YES], False),  # the first yes or no decides
    ([SILENT, YES], True),
    ([FAILS, YES], True),
    ([FAILS, FAILS], False),
    ([SILENT, SILENT, SILENT, YES], False),  # glibc asks three
    ([], False),
]


def said_by(answers):
    return lambda server, _name, _kind: answers[int(server)]


@pytest.mark.parametrize("answers, found", RESOLVES)
def test_resolves(answers, found):
    servers = [str(i) for i in range(len(answers))]

    assert dns.resolves(servers, "example.org", said_by(answers)) is found


@pytest.mark.parametrize("name", ["a..b", ".", "a" * 64, ".".join(["a" * 63] * 4), ".a"])
def test_no_name(name):
    with pytest.raises(ValueError) as raised:
        dns.question(7, name, dns.A)

    assert str(raised.value) == f"{name!r} is not a name: expected one such as intranet.example.com"


def test_answering():
    assert dns.answering(["0", "1", "2"], said_by([SILENT, FAILS, YES])) == ["1", "2"]


def test_question():
    assert dns.question(7, "a.example.", dns.A).hex() == (
        "0007" "0100" "0001" "0000" "0000" "0000" "01" "61" "07" "6578616d706c65" "00" "0001" "0001"
    )  # fmt: skip
    assert dns.question(7, "ä.x", dns.A) == dns.question(7, "xn--4ca.x", dns.A)
    assert dns.question(7, "", dns.NS).hex() == "000701000001000000000000" "00" "0002" "0001"  # fmt: skip


@pytest.mark.parametrize(
    "packet, found",
    [
        (struct.pack("!HHHHHH", 7, 0x8180, 1, 2, 0, 0), Answer(0, 2)),
        (struct.pack("!HHHHHH", 7, 0x8183, 1, 0, 0, 0), Answer(3, 0)),
        (struct.pack("!HHHHHH", 8, 0x8180, 1, 2, 0, 0), None),  # to another question
        (struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0), None),  # a question
        (b"short", None),
    ],
)
def test_answer(packet, found):
    assert dns.answer(packet, 7) == found


@pytest.fixture
def server(monkeypatch):
    """A server on loopback; the port that every server has is its own here."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, _port, *more: real(host, sock.getsockname()[1], *more))

    def serve():
        request, client = sock.recvfrom(512)
        sock.sendto(request[:2] + struct.pack("!HHHHH", 0x8180, 1, 3, 0, 0), client)

    thread = threading.Thread(target=serve)
    yield thread.start
    thread.join(5)
    sock.close()


def test_ask(server):
    server()

    assert dns.ask("127.0.0.1", "example.org", dns.A) == Answer(0, 3)


@pytest.mark.parametrize("address", ["127.0.0.1", "no address"])
def test_nobody_answers(address, monkeypatch):
    monkeypatch.setattr(dns, "TRIES", 1)
    if address == "127.0.0.1":
        free = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", lambda host, _port, *more: real(host, port, *more))

    assert dns.ask(address, "example.org", dns.A, timeout=0.2) is None
