# SPDX-License-Identifier: GPL-3.0-or-later
"""Sections `windows_sockets` and `exclusions` of a WSL distribution."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Engine
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Platform
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import windows_side
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.wsl_words import Distribution

REQUEST = Request(sections=("windows_sockets", "exclusions"))
MIRRORED = Evidence(platform=Platform(wsl="2", wsl_networking="mirrored"))
NAT = Evidence(platform=Platform(wsl="2", wsl_networking="nat"))
DESKTOP = replace(NAT, engine=(Engine(operating_system="Docker Desktop"),))
OFF = "WSL starts no Windows programs here: interop is off"
SEE = "set enabled=true under [interop] in /etc/wsl.conf and run `wsl --shutdown` on Windows, or gather the Windows host itself"
LANGUAGES = ["english", "german", "french", "spanish", "russian", "japanese", "chinese", "korean"]


def gather(host, evidence=MIRRORED, request=REQUEST):
    blind = []
    return windows_side.probe(host, request, evidence, blind), blind


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_windows_in_any_language(language):
    seen, blind = gather(Distribution(language=language))
    sockets, exclusions = seen["windows_sockets"], seen["exclusions"]

    assert any(one.port == 135 and one.ip == "0.0.0.0" and "RpcSs" in one.services for one in sockets)
    assert {one.family for one in exclusions} == {"ipv4", "ipv6"}
    assert any(one.administered and (one.first, one.last) == (50000, 50059) for one in exclusions)
    assert [one for one in blind if one.hides] == []


def test_what_is_no_wsl_has_no_windows():
    host = Distribution()

    assert gather(host, Evidence(platform=Platform())) == ({}, [])
    assert gather(host, Evidence()) == ({}, [])
    assert host.called == []


@pytest.mark.parametrize("evidence", [MIRRORED, DESKTOP], ids=["mirrored", "docker desktop"])
def test_interop_that_is_off_matters_where_windows_has_a_say(evidence):
    seen, blind = gather(Distribution(interop=None), evidence)

    assert seen == {}
    assert blind == [Blind("windows_sockets", OFF, SEE), Blind("exclusions", OFF, SEE)]


def test_interop_that_is_off_does_not_matter_where_linux_alone_decides():
    assert gather(Distribution(interop=None), NAT) == ({}, [])


def test_windows_is_seen_where_it_has_no_say_too():
    assert set(gather(Distribution(), NAT)[0]) == {"windows_sockets", "exclusions"}


def test_only_what_is_asked_for_is_run():
    host = Distribution()

    assert set(gather(host, request=Request(sections=("exclusions",)))[0]) == {"exclusions"}
    assert {one.rpartition("/")[2].split(".exe")[0] for one in host.called} == {"netsh"}


def test_a_windows_that_prints_nonsense_is_not_seen():
    class Broken(Distribution):
        def _printed(self, command):
            return "\ufffd\ufffd 12:34\r\n" if command == "netstat -ano" else super()._printed(command)

    seen, blind = gather(Broken())

    assert set(seen) == {"exclusions"}
    assert [(one.section, one.part) for one in blind] == [("windows_sockets", "")]
    assert "netstat printed a row that is no socket" in blind[0].why


def test_a_recording_without_windows():
    assert gather(ReplayHost({}))[0] == {}
