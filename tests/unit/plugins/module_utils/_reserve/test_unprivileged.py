# SPDX-License-Identifier: GPL-3.0-or-later
"""The lowest port of everybody: what our file says, what others say, what the kernel has."""

from __future__ import annotations

import os

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve import unprivileged as module
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.unprivileged import (
    FILE,
    KEY,
    PROC,
    NotOurs,
    Plan,
    carry_out,
    plan,
)

HEAD = "# Managed by dockmaster.ports.unprivileged_port: do not edit.\n"


def ours(start):
    return f"{HEAD}{KEY} = {start}\n"


def host(live, **files):
    """files: of /etc/sysctl.d, by their names without .conf."""
    texts = {f"/etc/sysctl.d/{name.replace('_', '-')}.conf": text for name, text in files.items()}
    names = [path.rpartition("/")[2] for path in texts]
    return ReplayHost({"read": {**texts, PROC: f"{live}\n"}, "names": {"/etc/sysctl.d": names}})


US = "zz_dockmaster_ports_unprivileged"
PLANS = [
    # live, files, start, after, wanted
    (1024, {}, 80, ours(80), 80),
    (1024, {}, 1024, "", 1024),
    (80, {}, 443, ours(443), 80),  # somebody's, for now: at boot ours
    (0, {"50_others": f"{KEY}=0\n"}, 80, "", 0),
    (1024, {"50_others": f"{KEY}=500\n"}, 80, ours(80), 80),
    (80, {US: ours(80)}, 443, ours(80), 80),  # never raised
    (80, {US: ours(80)}, 80, ours(80), 80),
    (1024, {US: ours(80)}, 80, ours(80), 80),
    (80, {US: ours(80)}, None, "", 1024),
    (80, {US: ours(80), "50_others": f"{KEY}=500\n"}, None, "", 500),
    (80, {}, None, "", 80),  # not ours to take back
    (80, {US: ours(443)}, None, "", 80),  # somebody's: it was lower than ours already
    (1024, {US: ours(80)}, None, "", 1024),
]


@pytest.mark.parametrize("live, files, start, after, wanted", PLANS)
def test_plan(live, files, start, after, wanted):
    assert plan(host(live, **files), start) == Plan(files.get(US, ""), after, live, wanted)


def test_a_second_run_changes_nothing():
    for live, files, start, _after, _wanted in PLANS:
        first = plan(host(live, **files), start)
        rest = {name: text for name, text in files.items() if name != US}
        now = host(first.wanted, **rest, **({US: first.after} if first.after else {}))

        again = plan(now, start)

        assert (again.before, again.live) == (again.after, again.wanted)


@pytest.mark.parametrize(
    "files, words",
    [
        (
            {US: "net.ipv4.ip_unprivileged_port_start = 80\n"},
            f"{FILE} is not as this module wrote it: remove it, or name the setting in another file",
        ),
        (
            {"zz_last": f"\n{KEY} = 1024\n"},
            f"/etc/sysctl.d/zz-last.conf, line 2 sets {KEY} and is read after {FILE}: change that line",
        ),
        ({"50_others": f"{KEY} = low\n"}, "/etc/sysctl.d/50-others.conf, line 1: 'low' is not a port"),
    ],
)
def test_refused(files, words):
    with pytest.raises(NotOurs) as refused:
        plan(host(1024, **files), 80)

    assert str(refused.value) == words


class Module:
    params = {}

    def __init__(self, check_mode=False):
        self.check_mode = check_mode

    def add_cleanup_file(self, path):
        self.temporary = path

    def atomic_move(self, src, dest, _unsafe):
        os.rename(src, dest)


@pytest.fixture
def places(tmp_path, monkeypatch):
    """Files that stand for the kernel's and for ours."""
    for constant, name in (("PROC", "live"), ("FILE", "ours.conf")):
        monkeypatch.setattr(module, constant, str(tmp_path / name))
    (tmp_path / "live").write_text("1024\n")
    return tmp_path


def test_now_and_at_boot(places):
    todo = Plan("", ours(80), 1024, 80)
    carry_out(Module(check_mode=True), todo)
    assert sorted(os.listdir(places)) == ["live"]

    carry_out(Module(), todo)

    assert (places / "live").read_text()[:3] == "80\n"
    assert (places / "ours.conf").read_text() == ours(80)


@pytest.mark.parametrize("before", ["", ours(443)])
@pytest.mark.parametrize("check_mode", [True, False])
def test_what_the_kernel_does_not_take_is_not_kept_for_the_next_boot(places, before, check_mode):
    if before:
        (places / "ours.conf").write_text(before)
    (places / "live").unlink()

    with pytest.raises(OSError) as raised:
        carry_out(Module(check_mode), Plan(before, ours(80), 1024, 80))

    assert raised.value.filename == str(places / "live")
    assert (places / "ours.conf").exists() is bool(before)
    assert not before or (places / "ours.conf").read_text() == before
