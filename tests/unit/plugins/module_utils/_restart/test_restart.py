# SPDX-License-Identifier: GPL-3.0-or-later
"""An engine that is played: what it says changes with each look."""

from __future__ import annotations

import json

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.blast import Affected, Blast
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.launch import Place
from ansible_collections.dockmaster.ports.plugins.module_utils._engine_action import Refusal
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Answer, Output, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost
from ansible_collections.dockmaster.ports.plugins.module_utils._restart import restart as module
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.answers import Door
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.inventory import Before, before
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.restart import NotWhole, Restart, tolerated_of
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.service import (
    Failed,
    Refused,
    Service,
    service_of,
)

WEB = Affected("w" * 64, "web", "always", "returns", ("0.0.0.0:80/tcp",))
DB = Affected("d" * 64, "db", "no", "stays_down")
TMP = Affected("t" * 64, "tmp", "no", "is_removed")
DOOR, DOOR6 = Door("127.0.0.1", 80), Door("::1", 80)


class Played:
    """A host whose engine says something else at each look; the last for ever. None: it does not answer."""

    def __init__(self, *looks, restarts=True, hangs=""):
        self.looks = list(looks)
        self.restarts = restarts
        self.hangs = hangs
        self.ran = []

    def run(self, *argv):
        self.ran.append(" ".join(argv))
        if argv[0] == "journalctl":
            return Output(0, "starting\nfailed to start daemon: no space\nexiting\n", "")
        if self.hangs and self.hangs in argv:
            raise Unseen("systemctl did not end within 60 s", "raise timeout")
        return Output(0 if self.restarts or "restart" not in argv else 1, "", "Job failed")

    def api(self, _endpoint, _path):
        look = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        if look is None:
            raise Unseen("nobody listens")
        return Answer(200, json.dumps([{"Id": one.id, "State": state} for one, state in look.items()]))


class Action:
    endpoint = "unix:///x"

    def __init__(self, refuses=None):
        self.asked = []
        self.refuses = refuses

    def post(self, path):
        self.asked.append(path)
        if self.refuses:
            raise self.refuses


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(module, "_PAUSE", 0.0)
    monkeypatch.setattr(module, "_PATIENT", 0.0)


def restart(host, action=None, silent=(), wait=0.2, **more):
    service = Service("systemd", "docker.service", Place())
    return Restart(host, service, action or Action(), lambda door: door not in silent, wait, **more)


def was(*containers, doors=(DOOR,)):
    return Before(containers, frozenset(doors))


def test_as_before():
    host = Played(None, {WEB: "restarting"}, {WEB: "running"})

    now, started = restart(host).run(was(WEB))

    assert now.whole
    assert started == []
    assert host.ran[:2] == ["systemctl reset-failed docker.service", "systemctl restart docker.service"]


def test_what_was_left_stopped_is_started_once():
    action = Action()

    _now, started = restart(Played({DB: "exited"}, {DB: "exited"}, {DB: "running"}), action).run(was(DB))

    assert started == ["db"]
    assert action.asked == [f"/containers/{DB.id}/start"]


def test_or_left_alone_if_nobody_wants_it():
    action = Action()

    now, started = restart(Played({DB: "exited"}), action, start_again=False).run(was(DB))

    assert (now.down, started, action.asked) == ((DB,), [], [])


FAILURES = [
    # looks, silent doors, message
    ([{WEB: "exited"}], (), "0.2 s after the restart: web does not run"),
    ([{}], (), "0.2 s after the restart: web is gone"),
    ([{WEB: "running"}], (DOOR,), "0.2 s after the restart: nobody answers at 127.0.0.1:80"),
    (
        [None],
        (),
        "the engine did not answer within 0.2 s (nobody listens): failed to start daemon: no space",
    ),
]


@pytest.mark.parametrize("looks, silent, message", FAILURES)
def test_not_as_before(looks, silent, message):
    with pytest.raises((NotWhole, Failed)) as raised:
        restart(Played(*looks), silent=silent).run(was(WEB))

    assert str(raised.value) == message


@pytest.mark.parametrize("refusal", [Refusal("port is already allocated"), Unseen("port is already allocated")])
def test_a_container_that_does_not_start_again(refusal):
    with pytest.raises(NotWhole) as raised:
        restart(Played({DB: "exited"}), Action(refusal)).run(was(DB))

    assert str(raised.value) == "db ran before, and does not start again: port is already allocated"


def test_what_may_be_silent_and_what_may_go():
    now, _started = restart(Played({WEB: "running"}), silent=(DOOR6,), tolerated=tolerated_of(["::1"])).run(
        was(WEB, TMP, doors=(DOOR, DOOR6))
    )

    assert (now.silent, now.gone) == ((DOOR6,), (TMP,))


@pytest.mark.parametrize(
    "tolerated, quiet",
    [
        ("::1", True),
        ("0:0:0:0:0:0:0:1", True),
        ("[::]:80/tcp", True),
        ("[::1]:80", True),
        ("[::]:81/tcp", False),
        ("[::]:80/udp", False),
        ("0.0.0.0:80/tcp", False),
        ("127.0.0.1", False),
    ],
)
def test_which_doors_may_be_silent(tolerated, quiet):
    todo = restart(Played({WEB: "running"}), silent=(DOOR6,), tolerated=tolerated_of([tolerated]))
    silent = False
    try:
        todo.run(was(WEB, doors=(DOOR6,)))
    except NotWhole:
        silent = True

    assert silent is not quiet


@pytest.mark.parametrize("text", ["localhost", "::1/128", "8080/tcp", ""])
def test_what_is_no_place_that_may_be_silent(text):
    with pytest.raises(ValueError) as raised:
        tolerated_of([text])

    assert str(raised.value) == (
        f"tolerate: {text!r} is neither an address nor a binding: expected one such as ::1 or [::]:8080/tcp"
    )


def test_a_container_between_two_starts_is_not_waited_for():
    looping = Affected("l" * 64, "loop", "always", "returns", ("0.0.0.0:81/tcp",), "restarting")

    assert before(Blast((WEB, looping)), [], lambda door: True) == Before((WEB,), frozenset({DOOR}))


def test_a_restart_that_fails():
    with pytest.raises(Failed) as raised:
        restart(Played({}, restarts=False)).run(was())

    assert str(raised.value) == "systemctl restart docker.service: failed to start daemon: no space"


@pytest.mark.parametrize("hangs", ["reset-failed", "restart"])
def test_an_engine_that_hangs_while_it_starts(hangs):
    """As one of Type=notify without a limit (TimeoutStartSec=0) does: systemctl waits for ever."""
    with pytest.raises(Failed) as raised:
        restart(Played({}, hangs=hangs)).run(was())

    assert str(raised.value) == (
        "systemctl restart docker.service: systemctl did not end within 60 s: failed to start daemon: no space"
    )


MANAGERS = [
    ({"names": {"/run/systemd/system": []}, "run": {"systemctl show -p LoadState --value docker.service": [0, "loaded\n", ""]}}, "systemd docker.service"),
    ({"names": {"/etc/init.d": ["docker"], "/run/openrc": []}}, "openrc docker"),
    ({"names": {"/etc/init.d": ["docker"]}}, "sysv docker"),
    ({"names": {"/etc/init.d": []}}, ""),
]  # fmt: skip


@pytest.mark.parametrize("recording, expected", MANAGERS)
def test_who_manages_the_engine(recording, expected):
    try:
        service = service_of(ReplayHost(recording), Place())
        found = f"{service.manager} {service.name}"
    except Refused as exc:
        found = ""
        assert str(exc) == (
            "nothing on this host manages the engine: there is no unit docker.service and no script docker"
        )

    assert found == expected
