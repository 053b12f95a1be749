# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import contextlib
import os
import socket

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import files, policy, store, watch
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.system import Process
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.watch import Pace
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._firewall.fake_system import (
    Kernel,
    engine_host,
)


def test_looks_may_come_at_once_until_they_took_too_much():
    pace = Pace(0.0)

    for second in range(10):
        pace.looked(second * 0.01, took=0.2, mended=False)
        assert pace.earliest() == pytest.approx(second * 0.01)

    for _turn in range(10):
        pace.looked(0.1, took=0.2, mended=False)
    assert pace.earliest() == pytest.approx(0.1 + (20 * 0.2 - watch.SPARE - 0.1 * watch.SHARE) / watch.SHARE)


def test_what_is_saved_up_has_an_end():
    pace = Pace(0.0)

    pace.looked(10_000.0, took=watch.SPARE + 0.1, mended=False)

    assert pace.earliest() == pytest.approx(10_000.0 + 0.1 / watch.SHARE)


def test_who_fights_somebody_looks_less_often():
    pace = Pace(0.0)
    for second in range(watch.FLAPPING):
        pace.looked(float(second), took=0.0, mended=True)
    assert not pace.flaps

    pace.looked(30.0, took=0.0, mended=True)
    assert pace.flaps
    assert pace.earliest() == 30.0 + watch.RESTING

    pace.looked(100.0, took=0.0, mended=False)
    assert not pace.flaps


def test_news_is_told_and_taken_away():
    hear, tell = socket.socketpair()
    with hear, tell:
        assert not watch._told([hear], 0.0)
        tell.send(b"something")
        assert watch._told([hear], 0.0)
        assert not watch._told([hear], 0.0)


def test_systemd_is_told(tmp_path, monkeypatch):
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(path)
        monkeypatch.setenv("NOTIFY_SOCKET", path)
        watch._notify("READY=1")
        assert sock.recv(100) == b"READY=1"


def test_without_systemd_nobody_is_told(monkeypatch):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    watch._notify("READY=1")


@pytest.fixture
def kept(monkeypatch):
    """A host that keeps a policy, and has been looked at once."""
    monkeypatch.setattr(store, "locked", contextlib.nullcontext)
    system = engine_host(kind=Kernel, files={files.POLICY: store.text(policy.parse({"default": "deny"}))})
    _mended, around = watch._look(system, None)
    return system, around


def test_who_watches_says_what_is_in_his_way_and_goes_on(kept, capfd):
    system, around = kept

    def refuse(*_args):
        raise OSError(28, "No space left on device", "/var/lib/x")

    system.write = refuse
    del system.files[files.KNOWN]
    capfd.readouterr()

    assert watch._look(system, around) == (False, around)
    assert capfd.readouterr().err == "[Errno 28] No space left on device: '/var/lib/x'\n"


def test_nothing_is_said_while_nothing_changes(kept, capfd):
    system, around = kept
    capfd.readouterr()

    assert watch._look(system, around) == (False, around)
    assert capfd.readouterr().err == ""


def test_rules_that_somebody_changed_are_mended(kept, capfd):
    system, around = kept
    system.programs["iptables-nft-save"] = engine_host().programs["iptables-nft-save"]
    capfd.readouterr()

    assert watch._look(system, around) == (True, around)
    assert capfd.readouterr().err == "the rules were not the policy's: put back\n"


def test_rules_about_another_port_are_nobodys_doing(kept, capfd):
    system, around = kept
    proxy = "/usr/bin/docker-proxy -proto tcp -host-ip :: -host-port 9999"
    system._processes.append(Process(9, "docker-proxy", tuple(proxy.split()), ""))
    capfd.readouterr()

    mended, now = watch._look(system, around)

    assert (mended, now != around) == (False, True)
    assert capfd.readouterr().err == "another port or bridge: the rules are about it\n"


def test_time_used_grows_with_work():
    before = watch._used()
    while watch._used() == before:
        os.getpid()
    assert watch._used() > before
