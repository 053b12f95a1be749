# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module does, on a machine whose rules change as the transactions say."""

from __future__ import annotations

import contextlib
import pathlib
import re

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import (
    files,
    firewall,
    memory,
    policy,
    program,
    report,
    store,
    task,
    trial,
    units,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.system import Done, FirewallError
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._firewall.fake_system import (
    Kernel,
    engine_host,
)

OLD = policy.parse({"default": "deny"})
NEW = policy.parse({"default": "deny", "rules": [{"ports": ["8080"], "action": "allow", "comment": "web"}]})
PYTHON = "/usr/bin/python3"
SYSTEMD = {trial.SYSTEMD: ""}
SHOW = f"systemctl show --property=UnitFileState,ActiveState {units.EARLY} {units.WATCH}"
SETTLED = "UnitFileState=enabled\nActiveState=inactive\n\nUnitFileState=enabled\nActiveState=active\n"


@pytest.fixture(autouse=True)
def unlocked(monkeypatch):
    monkeypatch.setattr(store, "locked", contextlib.nullcontext)


def a_host(systemd=False, **more):
    found = {PYTHON: "", "/proc/812/cgroup": "0::/system.slice/docker.service\n", **(SYSTEMD if systemd else {})}
    programs = {PYTHON: "", "systemctl": "", "systemd-run": "", SHOW: SETTLED}
    return engine_host(kind=Kernel, files={**found, **more.pop("files", {})}, programs=programs, **more)


def rules(system):
    """Everything in the host's filter tables."""
    return {family: one.filter for family, one in firewall.look(system).reading.rules.items()}


def in_place(system, wanted):
    return firewall.plan(firewall.look(system), wanted).steps == ()


def test_present():
    system = a_host(systemd=True)

    did = task.present(system, NEW)

    assert did.changes
    assert in_place(system, NEW)
    assert store.kept(system) == NEW
    assert system.files[files.PROGRAM].startswith(f"#!{PYTHON} -I\nPK")
    assert "WantedBy=docker.service" in system.files[f"{files.UNITS}/{units.EARLY}"]
    assert [line for line in system.ran if line.startswith("systemctl") and "show" not in line] == [
        "systemctl daemon-reload",
        f"systemctl enable {units.EARLY} {units.WATCH}",
        f"systemctl restart {units.WATCH}",
    ]


def test_present_again_changes_nothing():
    system = a_host(systemd=True)
    task.present(system, NEW)
    before = dict(system.files)
    system.ran, system.did = [], []

    again = task.present(system, NEW)

    assert not again.changes
    assert (system.files, system.did) == (before, [])
    assert report.result(again)["status"] == "present"
    assert report.result(again)["diff"] == []
    assert [line for line in system.ran if "save" in line] == ["iptables-nft-save", "ip6tables-nft-save"]


@pytest.mark.parametrize(
    "said",
    [
        "UnitFileState=disabled\nActiveState=inactive\n\nUnitFileState=enabled\nActiveState=active\n",
        "UnitFileState=enabled\nActiveState=inactive\n\nUnitFileState=enabled\nActiveState=failed\n",
        "",
    ],
)
def test_units_that_somebody_stopped_are_started_again(said):
    system = a_host(systemd=True)
    task.present(system, NEW)
    system.programs[SHOW] = said

    assert task.present(system, NEW).changes
    assert f"systemctl restart {units.WATCH}" in system.ran[-1]


def test_the_engines_unit_is_the_one_it_runs_in():
    system = a_host(systemd=True, files={"/proc/812/cgroup": "0::/system.slice/snap.docker.dockerd.service\n"})

    task.present(system, NEW)

    assert "After=snap.docker.dockerd.service firewalld.service" in system.files[f"{files.UNITS}/{units.WATCH}"]


def test_check_mode_looks_and_says_the_same():
    system = a_host()
    before = dict(system.files), dict(system.programs)

    said = task.task(system, NEW)

    assert (system.files, system.programs) == before
    assert report.result(said) == report.result(task.present(system, NEW))


def test_absent_leaves_no_trace():
    system = a_host(systemd=True)
    before, found = dict(system.files), rules(system)
    task.present(system, NEW)

    did = task.absent(system)

    assert did.changes
    assert system.files == before
    assert rules(system)[4] == found[4]
    assert f"systemctl disable --now {units.EARLY} {units.WATCH}" in system.ran
    assert not task.absent(system).changes


def test_absent_stops_no_unit_that_somebody_removed():
    system = a_host(systemd=True)
    task.present(system, NEW)
    del system.files[f"{files.UNITS}/{units.EARLY}"]

    task.absent(system)

    assert f"systemctl disable --now {units.WATCH}" in system.ran


def test_absent_takes_along_what_is_remembered_of_rules_that_are_gone():
    remembered = {files.KNOWN, files.BRIDGES, memory.PATH}
    system = a_host(files=dict.fromkeys(remembered, "{}"))

    assert not task.absent(system).changes
    assert not remembered & set(system.files)


def test_a_trial_is_in_force_and_not_kept():
    system = a_host()
    task.present(system, OLD)

    did, begun = task.tried(system, NEW, 60)

    assert did.changes
    assert in_place(system, NEW)
    assert (store.in_force(system), store.kept(system)) == (NEW, OLD)
    assert system.started == [
        ("/bin/sh", "-c", trial._LATER, "sh", "60", PYTHON, files.TRIAL_PROGRAM, begun.token),
    ]


def test_systemd_keeps_the_time_where_it_can():
    system = a_host(systemd=True)

    _did, begun = task.tried(system, NEW, 60)

    assert system.started == []
    assert (
        f"systemd-run --quiet --collect --unit={trial.TIMER}-{begun.token} --on-active=60s "
        "--timer-property=AccuracySec=100ms "
        f"{PYTHON} -I {files.TRIAL_PROGRAM} take-back {begun.token}"
    ) in system.ran


def test_without_somebody_who_takes_it_back_there_is_no_trial():
    system = a_host(systemd=True)
    found = rules(system)
    run = system.run
    system.run = lambda *argv: Done(1, "", "no bus\n") if argv[0] == "systemd-run" else run(*argv)

    with pytest.raises(FirewallError, match=r"^nobody would take the policy back: systemd-run failed: no bus$"):
        task.tried(system, NEW, 60)
    assert rules(system) == found
    assert store.trial(system) is None


def test_a_trial_keeps_its_timer_where_the_next_one_gets_none():
    system = a_host(systemd=True)
    _did, begun = task.tried(system, NEW, 60)
    run, system.ran = system.run, []
    system.run = lambda *argv: Done(1, "", "no bus\n") if argv[0] == "systemd-run" else run(*argv)

    with pytest.raises(FirewallError, match=r"^nobody would take the policy back"):
        task.tried(system, OLD, 60)

    assert [line for line in system.ran if line.startswith("systemctl") and "show" not in line] == []
    assert store.trial(system).token == begun.token


def test_what_is_confirmed_is_kept():
    system = a_host()
    _did, begun = task.tried(system, NEW, 60)

    task.confirmed(system, begun.token)

    assert (store.kept(system), store.trial(system)) == (NEW, None)
    assert in_place(system, NEW)
    assert not trial.take_back(system, begun.token)
    assert in_place(system, NEW)


def test_what_fails_after_it_is_confirmed_says_that_it_stays():
    system = a_host(systemd=True)
    _did, begun = task.tried(system, NEW, 60)
    run = system.run
    system.run = lambda *argv: Done(1, "", "no bus\n") if argv[:2] == ("systemctl", "enable") else run(*argv)

    message = f"systemctl enable {units.EARLY} {units.WATCH} failed: no bus; the new rules are confirmed all the same, and stay"
    with pytest.raises(task.ConfirmedError, match=f"^{re.escape(message)}$"):
        task.confirmed(system, begun.token)
    assert (store.kept(system), store.trial(system)) == (NEW, None)
    assert not trial.take_back(system, begun.token)


@pytest.mark.parametrize("token, later", [("another", 0), (None, 61)])
def test_a_trial_that_is_over_cannot_be_confirmed(token, later):
    system = a_host()
    _did, begun = task.tried(system, NEW, 60)
    system._uptime += later

    with pytest.raises(
        FirewallError, match=r"^the trial is over: nobody confirmed it in time, and the old rules are back$"
    ):
        task.confirmed(system, token or begun.token)
    assert store.kept(system) is None


@pytest.mark.parametrize("old", [None, OLD])
def test_what_is_not_confirmed_is_taken_back(old):
    system = a_host()
    if old:
        task.present(system, old)
    before, found = dict(system.files), rules(system)
    _did, begun = task.tried(system, NEW, 60)

    assert trial.take_back(system, begun.token)

    assert rules(system)[4] == found[4]
    assert {path: text for path, text in system.files.items() if path != files.KNOWN} == {
        path: text for path, text in before.items() if path != files.KNOWN
    }


def test_a_policy_in_force_is_the_kept_one_when_the_trial_is_over():
    system = a_host()
    task.present(system, OLD)
    task.tried(system, NEW, 60)
    system._uptime += 60

    assert store.in_force(system) == OLD


def test_what_changes_no_rule_needs_no_trial():
    system = a_host()
    task.present(system, NEW)
    commented = policy.parse({"default": "deny", "rules": [{"ports": ["8080"], "action": "allow", "comment": "web"}]})

    did, begun = task.tried(system, commented, 60)

    assert (did.changes, begun) == (False, None)


def test_an_engine_that_writes_no_rules_is_refused_and_nothing_changes():
    system = a_host(files={"/proc/812/root/etc/docker/daemon.json": '{"iptables": false}'})
    before = dict(system.files)

    with pytest.raises(FirewallError, match=r"^the engine \(dockerd, pid 812\) runs with iptables: false "):
        task.present(system, NEW)
    assert (system.files, system.did) == (before, [])


def test_rules_that_the_kernel_refuses_leave_the_old_ones():
    system = a_host()
    task.present(system, OLD)
    before = dict(system.files)
    together = system.together
    system.together = lambda steps: (
        Done(2, "", "line 9 failed\n")
        if any("8080" in step.text and "web" in step.text for step in steps)
        else together(steps)
    )

    message = "the rules could not be changed: line 9 failed; the old rules are in place"
    with pytest.raises(FirewallError, match=f"^{re.escape(message)}$"):
        task.present(system, NEW)
    assert in_place(system, OLD)
    assert system.files == before


def test_a_disk_that_is_full_before_the_policy_is_written_leaves_the_old_one():
    system = a_host()
    task.present(system, OLD)
    system.files[files.PROGRAM] = "of another release"
    write = system.write

    def refuse(path, text, mode=0o644):
        if path == files.PROGRAM:
            raise OSError(28, "No space left on device", path)
        write(path, text, mode)

    system.write = refuse
    with pytest.raises(OSError, match="No space left on device"):
        task.present(system, NEW)

    assert store.kept(system) == OLD
    assert in_place(system, OLD)


@pytest.mark.parametrize(
    "text, message",
    [
        ("{", "/etc/dockmaster/docker_firewall.json is not JSON: Expecting property name"),
        (
            '{"schema": 2}',
            "/etc/dockmaster/docker_firewall.json has schema 2, and this release of dockmaster.ports reads 1",
        ),
        ("[]", "/etc/dockmaster/docker_firewall.json has schema None, and this release of dockmaster.ports reads 1"),
        ('{"schema": 1}', "/etc/dockmaster/docker_firewall.json holds no policy: 'policy'"),
        (
            '{"schema": 1, "policy": {"default": "x"}}',
            "/etc/dockmaster/docker_firewall.json holds no policy: default: 'x' is not one of allow, deny",
        ),
    ],
)
def test_a_kept_policy_that_cannot_be_read_is_an_error(text, message):
    with pytest.raises(FirewallError, match=f"^{re.escape(message)}"):
        store.kept(a_host(files={files.POLICY: text}))


def test_a_kept_policy_that_cannot_be_read_is_replaced():
    system = a_host(files={files.POLICY: "{"})

    did = task.present(system, NEW)

    assert store.kept(system) == NEW
    assert any(text.endswith("; it is replaced") for text in report.warnings(did))


def test_a_trial_needs_something_to_fall_back_to():
    with pytest.raises(FirewallError, match=r"there is nothing that a trial could fall back to: run without one$"):
        task.tried(a_host(files={files.POLICY: "{"}), NEW, 60)


@pytest.mark.parametrize("text", ['{"schema": 1}', '{"schema": 1, "token": "a", "until": "never", "policy": {}}'])
def test_a_trial_that_is_not_whole_is_an_error(text):
    with pytest.raises(FirewallError, match=f"^{files.TRIAL} holds no trial: "):
        store.trial(a_host(files={files.TRIAL: text}))


def test_the_program_packs_every_part():
    folder = program.PACKAGE.split(".")[-1]
    parts = {path.stem for path in pathlib.Path(program.__file__).parent.glob("*.py")}
    only_for_the_module = {"lasting", "program", "reach", "report", "shadow", "standing", "task", "units"}

    assert folder == "_firewall"
    assert set(program.PARTS) == parts - only_for_the_module - {"__init__"}


def test_warnings():
    system = a_host(processes=[])
    shadowed = policy.parse(
        {"default": "deny", "rules": [{"ports": ["all"], "action": "deny"}, {"ports": ["80"], "action": "allow"}]}
    )

    assert report.warnings(task.task(system, shadowed)) == [
        "rule 2 never decides anything: rule 1, deny, is before it and matches all it does",
        report.NO_ENGINE,
        report.NO_SYSTEMD,
    ]
    assert report.warnings(task.task(system, None)) == []


@pytest.mark.parametrize(
    "exc, said",
    [
        (OSError(28, "No space left on device", "/etc/x"), "/etc/x: no space left on device"),
        (
            PermissionError(13, "Permission denied", "/proc/1/ns/net"),
            "/proc/1/ns/net: permission denied; run with become: true",
        ),
    ],
)
def test_what_stood_in_the_way_of_a_file(exc, said):
    assert report.trouble(exc) == said
