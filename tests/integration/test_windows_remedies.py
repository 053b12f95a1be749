# SPDX-License-Identifier: GPL-3.0-or-later
"""Remedies on a Windows host by role remediate, over WinRM on a double: looked at, taken, and seen to have helped."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("winrm", reason="the connection plugin winrm needs pywinrm")

from ansible_collections.dockmaster.ports.tests.integration.windows.double import Double

BLOCK = {"tcp": {"active": [[8037, 8136, "winnat"]], "persistent": []}}
CHECK = {
    "name": "check",
    "dockmaster.ports.port_check": {"publish": ["8080:80"], "by": "shop", "fail_on": "never"},
    "register": "checked",
}


@pytest.fixture
def win(tmp_path):
    double = Double(tmp_path)
    yield double
    double.change(second=0)


def remediate(win, allow, *options, **state):
    role = {
        "name": "remediate",
        "ansible.builtin.include_role": {"name": "dockmaster.ports.remediate"},
        "vars": {"remediate_findings": "{{ checked }}", "remediate_allow": [allow]},
    }
    listening = {"protocol": "tcp", "ip": "0.0.0.0", "port": 135, "pid": 4, "state": "listening"}
    with win.up(**{"excluded": BLOCK, "second": 0.02, "sockets": [listening], **state}):
        return win.play(CHECK, role, options=options)


def changes(win):
    return [
        call for call in win.calls() if call.startswith(("net ", "powershell")) or ("netsh" in call and " add " in call)
    ]


@pytest.mark.parametrize("remedy", ["reserve_windows_port", "restart_winnat"])
def test_check_mode_is_the_plan(win, remedy):
    ran = remediate(win, remedy, "--check")

    assert ran.rc == 0, ran.printed
    assert changes(win) == []
    assert f"PLAN      {remedy}" in ran.printed, ran.printed


def test_a_port_under_a_block_of_hyper_v_is_reserved(win):
    ran = remediate(win, "reserve_windows_port")

    assert ran.rc == 0, ran.printed
    assert "DONE      reserve_windows_port" in ran.printed, ran.printed
    assert win.state.read()["excluded"]["tcp"]["persistent"] == [[8080, 8080]]
    assert win.state.read()["winnat"]["running"]


def test_a_restart_that_draws_the_same_block_is_no_help(win):
    ran = remediate(win, "restart_winnat")

    assert "NO HELP   restart_winnat" in ran.printed, ran.printed
    assert [call for call in changes(win) if call.startswith("net ")] == ["net stop winnat", "net start winnat"]


def test_the_range_that_windows_draws_from_is_brought_back(win):
    places = [f"{family}/{protocol}" for family in ("ipv4", "ipv6") for protocol in ("tcp", "udp")]

    ran = remediate(win, "restore_dynamic_range", excluded={}, dynamic={place: [1024, 64511] for place in places})

    assert "DONE      restore_dynamic_range" in ran.printed, ran.printed
    assert win.state.read()["dynamic"]["ipv4/tcp"] == [49152, 16384]


@pytest.mark.parametrize("options", [(), ("--check",)])
def test_the_playbook_takes_windows_hosts_like_any_other(win, options):
    with win.up(second=0.02):
        ran = win.playbook(
            Path("dockmaster.ports.remediate"), ["-e", '{"remediate_allow": ["restart_winnat"]}', *options]
        )

    assert ran.rc == 0, ran.printed
    assert "win nothing to do\n" in ran.printed, ran.printed
    assert changes(win) == []
