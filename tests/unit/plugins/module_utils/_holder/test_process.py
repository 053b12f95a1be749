# SPDX-License-Identifier: GPL-3.0-or-later
"""Real processes of this test, and a played host for those that must never be ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import Binding
from ansible_collections.dockmaster.ports.plugins.module_utils._core.claims import Claim, Hold, Holder
from ansible_collections.dockmaster.ports.plugins.module_utils._holder import process as module
from ansible_collections.dockmaster.ports.plugins.module_utils._holder.process import (
    NotEnded,
    Refused,
    Target,
    end,
    found,
    refuse,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._live_host import LiveHost
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.processes import Owner, ProcessReader
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost

WAITS = "import sys, time; print(flush=True); time.sleep(60)"
DEAF = "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(60)"
PROXY = Claim(Binding("0.0.0.0", "tcp", 80, 80), Hold.BOUND, Holder("proxy", "docker-proxy without a container", pid=7))
CHILD = replace(PROXY, holder=replace(PROXY.holder, pid=8))
UNKNOWN = Claim(Binding("0.0.0.0", "tcp", 82, 82), Hold.BOUND, Holder("hidden", "docker-proxy", pid=6))


@pytest.fixture
def process():
    """Starts a Python program and waits for its first line; all end with the test."""
    started = []

    def start(program):
        child = subprocess.Popen([sys.executable, "-S", "-E", "-c", program], stdout=subprocess.PIPE)
        started.append(child)
        child.stdout.readline()
        began = ProcessReader(LiveHost(), command_lines=False).owner(child.pid)[0].started
        return child, Target(child.pid, began)

    yield start
    for child in started:
        child.kill()
        child.wait()
        child.stdout.close()


@pytest.mark.parametrize(
    "program, grace, signal_name, code",
    [(WAITS, 20, "TERM", -15), (DEAF, 0.5, "KILL", -9)],
    ids=["asked", "killed"],
)
def test_end(process, program, grace, signal_name, code):
    child, target = process(program)

    assert end(LiveHost(), target, grace=grace) == signal_name
    assert child.wait() == code
    assert found(LiveHost(), target) is None


def test_a_stranger_with_its_number_is_left_alone(process):
    child, target = process(WAITS)
    stranger = Target(target.pid, target.started - 10)

    assert found(LiveHost(), stranger) is None
    assert end(LiveHost(), stranger, grace=0.1) == ""
    assert child.poll() is None


def test_one_that_this_user_may_not_end(process, monkeypatch):
    _child, target = process(WAITS)

    def refused(_number):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(module, "_handle", lambda _pid: contextlib.nullcontext(refused))
    with pytest.raises(NotEnded) as raised:
        end(LiveHost(), target, grace=0.1)

    assert str(raised.value) == f"process {target.pid}: operation not permitted"


def test_without_handles_on_processes_their_numbers_do(process, monkeypatch):
    monkeypatch.delattr(os, "pidfd_open", raising=False)
    monkeypatch.delattr(signal, "pidfd_send_signal", raising=False)
    child, target = process(WAITS)

    assert end(LiveHost(), target, grace=20) == "TERM"
    assert child.wait() == -15


def owner(pid, command, unit="", container=""):
    return Owner(pid, 1.0, command, "", unit, container)


def stat(pid, command, parent):
    return f"{pid} ({command}) S {parent} " + "0 " * 17 + "4711 0"


STATS = [
    (os.getpid(), "python3", 41),
    (41, "sshd", 1),
    (7, "docker-proxy", 1),
    (8, "docker-proxy", 5),
    (5, "dockerd", 1),
]
HOST = ReplayHost({"read": {f"/proc/{one[0]}/stat": stat(*one) for one in STATS}})
KEPT = [
    (owner(1, "systemd"), "process 1 (systemd) is the system's own"),
    (owner(2, "kthreadd"), "process 2 (kthreadd) is the system's own"),
    (owner(41, "bash"), "process 41 (bash) is one that this very run needs"),
    (owner(os.getpid(), "python3"), f"process {os.getpid()} (python3) is one that this very run needs"),
    (owner(9, "dockerd"), "process 9 is dockerd, which the host needs: it is never stopped like this"),
    (owner(9, "systemd-resolve"), "process 9 is systemd-resolve, which the host needs: it is never stopped like this"),
    (owner(9, "containerd-shim"), "process 9 is containerd-shim, which the host needs: it is never stopped like this"),
    (owner(9, "sshd"), "process 9 is sshd, which the host needs: it is never stopped like this"),
    (owner(9, "nginx", container="c" * 64), "process 9 (nginx) is of container cccccccccccc: stop the container"),
    (owner(9, "nginx", "nginx.service"), "process 9 (nginx) is of nginx.service, which would start it again: stop the unit"),
    (
        owner(9, "docker-proxy", "docker.service"),
        "process 9 is docker-proxy, and a container stands behind it: stop the container",
    ),
    (
        owner(6, "docker-proxy", "docker.service"),
        "process 6 is docker-proxy, and a container that was not seen may stand behind it:"
        " see that every engine of this host answers",
    ),
    (
        owner(8, "docker-proxy", "docker.service"),
        "process 8 is docker-proxy, and the engine that started it still runs and may go on to refuse its port:"
        " restart the engine",
    ),
]  # fmt: skip


@pytest.mark.parametrize("one, message", KEPT, ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_never_ended(one, message):
    with pytest.raises(Refused) as raised:
        refuse(HOST, one, [PROXY, CHILD, UNKNOWN])

    assert str(raised.value) == message


@pytest.mark.parametrize(
    "one",
    [
        owner(9, "nginx"),
        owner(9, "nginx", "session-3.scope"),
        owner(9, "nginx", "user@1000.service"),
        owner(7, "docker-proxy", "docker.service"),  # an orphan
    ],
)
def test_what_may_be_ended(one):
    refuse(HOST, one, [PROXY])
