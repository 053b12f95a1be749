# SPDX-License-Identifier: GPL-3.0-or-later
"""Real files in a folder that stands for /etc, and a service that is played: what is put back, and what is said."""

from __future__ import annotations

import os

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Output, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._live_host import LiveHost
from ansible_collections.dockmaster.ports.plugins.module_utils._resolved import apply, verify
from ansible_collections.dockmaster.ports.plugins.module_utils._resolved.apply import carry_out
from ansible_collections.dockmaster.ports.plugins.module_utils._resolved.dns import Answer
from ansible_collections.dockmaster.ports.plugins.module_utils._resolved.plan import Plan, Refused
from ansible_collections.dockmaster.ports.plugins.module_utils._resolved.state import State
from ansible_collections.dockmaster.ports.plugins.module_utils._resolved.verify import Before
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils.fake_module import FakeModule

OWN = b"nameserver 127.0.0.53 # caf\xe9\n"  # written by hand, in Latin-1
TEXT = "[Resolve]\nDNSStubListener=no\n"
OLD, NEW = "../run/stub.conf", "../run/uplink.conf"
RESTART = "systemctl restart systemd-resolved.service"


class Host(LiveHost):
    """Runs nothing. fails: what the first run of a command ends with."""

    def __init__(self, fails):
        super().__init__()
        self.fails = dict(fails)
        self.ran = []

    def run(self, *argv):
        self.ran.append(" ".join(argv))
        failure = self.fails.pop(self.ran[-1], None)
        if isinstance(failure, Exception):
            raise failure
        return failure or Output(0, "", "")


@pytest.fixture
def etc(tmp_path, monkeypatch):
    (tmp_path / "run").mkdir()
    (tmp_path / "etc").mkdir()
    for name in ("uplink", "stub"):
        (tmp_path / f"run/{name}.conf").write_text("nameserver 192.0.2.53\n")
    names = {"RESOLV_CONF": "resolv.conf", "KEPT": "kept", "DROPIN": "resolved.conf.d/zz.conf", "UNDOING": "undoing"}
    for constant, name in names.items():
        monkeypatch.setattr(apply, constant, str(tmp_path / "etc" / name))
    monkeypatch.setattr(verify, "RESOLV_CONF", apply.RESOLV_CONF)
    monkeypatch.setattr(apply, "_wait", lambda _host, listens: None)
    return tmp_path / "etc"


def tree(etc):
    """Every file with what it holds, every link with where it leads to."""
    found = {}
    for path in sorted(etc.rglob("*")):
        if path.is_symlink():
            found[path.name] = os.readlink(path)
        elif path.is_file():
            found[path.name] = path.read_bytes()
    return found


def release(host, link, answers=True):
    state = State(True, True, False, "", link, True, ("192.0.2.53",))
    todo = Plan(TEXT, NEW, not link, True)
    carry_out(FakeModule(), host, state, todo, Before((), lambda *_question: Answer(0, 1) if answers else None))


def begin(etc, link):
    if link:
        (etc / "resolv.conf").symlink_to(link)
    else:
        (etc / "resolv.conf").write_bytes(OWN)
        (etc / "resolv.conf").chmod(0o640)
    return tree(etc)


@pytest.mark.parametrize("link", [OLD, ""])
def test_released_and_taken_back(etc, link):
    before = begin(etc, link)
    umask = os.umask(0o077)
    try:
        release(Host({}), link)
        assert tree(etc) == {**({} if link else {"kept": OWN}), "resolv.conf": NEW, "zz.conf": TEXT.encode()}
        assert (etc / "resolved.conf.d/zz.conf").stat().st_mode & 0o777 == 0o644
        assert (etc / "resolved.conf.d").stat().st_mode & 0o777 == 0o755
        state = State(True, False, False, "", NEW, False, ("192.0.2.53",), TEXT)
        carry_out(FakeModule(), Host({}), state, Plan("", link, not link, True, back=True), Before((), None))
    finally:
        os.umask(umask)

    assert tree(etc) == before
    assert link or (etc / "resolv.conf").stat().st_mode & 0o777 == 0o640


FAILURES = [
    # what fails, whether the servers answer, message
    ({RESTART: Output(1, "", "Job failed")}, True, f"{RESTART}: Job failed: everything was put back"),
    ({RESTART: Unseen("it hangs")}, True, "it hangs: everything was put back"),
    ({}, False, "{etc}/resolv.conf now names 192.0.2.53, and none of them answers: everything was put back"),
]


@pytest.mark.parametrize("link", [OLD, ""])
@pytest.mark.parametrize("fails, answers, message", FAILURES)
def test_what_fails_is_put_back(etc, link, fails, answers, message):
    before = begin(etc, link)
    host = Host(fails)

    with pytest.raises(Refused) as raised:
        release(host, link, answers)

    assert str(raised.value) == message.format(etc=etc)
    assert tree(etc) == before
    assert host.ran[-1] == RESTART


def test_what_cannot_be_put_back_is_said(etc):
    begin(etc, OLD)
    host = Host({})
    host.run = lambda *argv: Output("restart" in argv, "", "Job failed")

    with pytest.raises(Refused) as raised:
        release(host, OLD)

    assert str(raised.value) == f"{RESTART}: Job failed: it could not be put back: {RESTART}: Job failed"


def test_a_resolv_conf_that_was_to_stay_is_not_replaced_by_an_old_copy(etc):
    """The copy is of an earlier run; the user has written another file since."""
    begin(etc, "")
    (etc / "kept").write_bytes(b"nameserver 203.0.113.9\n")
    before = tree(etc)
    state = State(True, True, False, "", "", False, ("192.0.2.53",))

    with pytest.raises(Refused):
        carry_out(FakeModule(), Host({RESTART: Output(1, "", "no")}), state, Plan(TEXT, restart=True), Before((), None))

    assert tree(etc) == before
