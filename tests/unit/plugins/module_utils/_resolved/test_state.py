# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost
from ansible_collections.dockmaster.ports.plugins.module_utils._resolved import state
from ansible_collections.dockmaster.ports.plugins.module_utils._resolved.state import State, state_of

STUB = Socket("127.0.0.53%lo", "udp", 53, command="systemd-resolve")
STUB_CONF = "# comment\nnameserver 127.0.0.53\noptions edns0\n"
REAL_CONF = "nameserver 192.0.2.53\nnameserver 2001:db8::53\nsearch example.com\n"
RESOLVED = "/etc/systemd/resolved.conf"


def seen(monkeypatch, sockets, files, active="active", link="../run/systemd/resolve/stub-resolv.conf"):
    monkeypatch.setattr(state, "_sockets", lambda _host: sockets)
    names = {state.FOLDER: [path.rpartition("/")[2] for path in files if path.startswith(state.FOLDER)]}
    recording = {
        "run": {"systemctl is-active systemd-resolved.service": [0, active + "\n", ""]},
        "read": files,
        "names": names,
        "link": {"/etc/resolv.conf": link} if link else {},
    }
    return state_of(ReplayHost(recording))


def test_as_a_distribution_leaves_it(monkeypatch):
    files = {"/etc/resolv.conf": STUB_CONF, "/run/systemd/resolve/resolv.conf": REAL_CONF}

    assert seen(monkeypatch, (STUB,), files) == State(
        True, True, False, "", "../run/systemd/resolve/stub-resolv.conf", True, ("192.0.2.53", "2001:db8::53")
    )


def test_while_it_starts_it_has_written_nothing_yet(monkeypatch):
    assert seen(monkeypatch, (), {}).through_stub is True
    assert seen(monkeypatch, (), {}, link="").through_stub is False


LISTENERS = [
    # text of resolved.conf, of a drop-in before ours, of one after ours: off, overruled
    ("", "", "", False, ""),
    ("[Resolve]\n#DNSStubListener=no\n", "", "", False, ""),
    ("[Resolve]\nDNSStubListener=no\n", "", "", True, ""),
    ("[Resolve]\nDNSStubListener = false\n", "", "", True, ""),
    ("[Resolve]\nDNSStubListener=no\n", "[Resolve]\nDNSStubListener=yes\n", "", False, ""),
    ("", "[Resolve]\nDNSStubListener=udp\n", "", False, ""),
    ("", "", "[Resolve]\nDNSStubListener=yes\n", False, "/etc/systemd/resolved.conf.d/zzz.conf"),
    ("", "", "[Resolve]\nDNSStubListener=no\n", True, ""),
]


@pytest.mark.parametrize("main, early, late, off, overruled", LISTENERS)
def test_what_the_files_of_others_say(monkeypatch, main, early, late, off, overruled):
    files = {
        RESOLVED: main,
        state.FOLDER + "/10-early.conf": early,
        state.DROPIN: "[Resolve]\nDNSStubListener=no\n",
        state.FOLDER + "/zzz.conf": late,
    }

    found = seen(monkeypatch, (), files)

    assert (found.off, found.overruled) == (off, overruled)


@pytest.mark.parametrize(
    "socket, listens",
    [
        (STUB, True),
        (Socket("127.0.0.53", "tcp", 53), True),
        (Socket("0.0.0.0", "udp", 53), False),
        (Socket("127.0.0.54", "udp", 53), False),
        (Socket("127.0.0.53", "udp", 5353), False),
    ],
)
def test_whether_the_stub_listens(monkeypatch, socket, listens):
    assert seen(monkeypatch, (socket,), {}).listens is listens


def test_a_host_without_resolved(monkeypatch):
    assert seen(monkeypatch, (), {"/etc/resolv.conf": REAL_CONF}, active="inactive", link="") == State()
