# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets of a Windows host: each with its process, and what was not seen said as such."""

from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows.command import ELEVATE
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.windows.windows_host import (
    REQUEST,
    gathered,
    recording,
)

TASKS = "tasklist /SVC /FO CSV /NH"
LANGUAGES = ("english", "german", "french", "spanish", "russian", "japanese", "chinese", "korean")


def brief(sockets):
    return {(one.ip, one.protocol, one.port, one.state, one.pid) for one in sockets}


ENGLISH = brief(gathered(recording()).sockets)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_in_every_language(language):
    evidence = gathered(recording(language))

    assert brief(evidence.sockets) == ENGLISH
    assert [one for one in evidence.blind if one.hides] == []


@pytest.mark.parametrize(
    "expected",
    [
        Socket("0.0.0.0", "tcp", 80, pid=4, command="System"),
        Socket("::", "tcp", 135, pid=1012, command="svchost.exe", services=("RpcEptMapper", "RpcSs")),
        Socket("127.0.0.1", "tcp", 8080, pid=7312, command="web server.exe"),
        Socket("0.0.0.0", "tcp", 50400, "bound", pid=5120, command="msedge.exe"),
        Socket("fe80::1c2d:3e4f", "udp", 1900, "bound", pid=4120, command="svchost.exe", services=("SSDPSRV",)),
    ],
)
def test_a_socket_with_its_process(expected):
    assert expected in gathered(recording()).sockets


def test_a_listener_is_not_told_as_only_bound_too():
    sockets = gathered(recording()).sockets

    assert len({(one.ip, one.protocol, one.port, one.pid) for one in sockets}) == len(sockets)


def test_connections_in_focus_and_none_that_only_wait_to_end():
    evidence = gathered(recording(), REQUEST._replace(focus=((49810, 49811),)))

    assert evidence.focus == ("49810-49811",)
    assert evidence.clients == (
        Socket("192.0.2.7", "tcp", 49810, "established", pid=5120, command="msedge.exe", peer="198.51.100.9:443"),
    )


def test_a_word_of_the_host_for_a_state():
    evidence = gathered(recording("german"), REQUEST._replace(focus=((49810, 49810),)))

    assert [one.state for one in evidence.clients] == ["hergestellt"]


@pytest.mark.parametrize(
    "ran, blind",
    [
        ({"netstat -anoq": [1, "Displays protocol statistics", ""]},
         Blind("sockets", "netstat -anoq: Displays protocol statistics", "",
               "TCP sockets that are bound and do not listen", True, "tcp")),
        ({TASKS: [0, "", ""]},
         Blind("sockets", f"{TASKS} printed nothing", "", "names of the processes that have sockets", False)),
        ({TASKS: [0, '"Idle","0","N/A"\r\n"svchost.exe","1012","N/A"\r\n', ""]},
         Blind("sockets", "tasklist names none", ELEVATE, "services of 1 processes svchost.exe",
               False)),
    ],
)  # fmt: skip
def test_what_was_seen_in_part(ran, blind):
    evidence = gathered(recording(**ran))

    assert blind in evidence.blind
    assert evidence.sockets


@pytest.mark.parametrize(
    "answer, why",
    [
        ([0, "", ""], "netstat -ano printed nothing"),
        ([0, "Active Connections\r\n", ""], "netstat printed no sockets: 'Active Connections'"),
        (None, "there is no program netstat"),
        ("netstat -ano did not end within 10 s; raise timeout",
         "netstat -ano did not end within 10 s; raise timeout"),
    ],
)  # fmt: skip
def test_no_sockets_are_not_an_empty_host(answer, why):
    evidence = gathered(recording(**{"netstat -ano": answer}))

    assert (evidence.sockets, evidence.clients) == (None, None)
    assert evidence.unseen("sockets") == f"sockets: {why}"
