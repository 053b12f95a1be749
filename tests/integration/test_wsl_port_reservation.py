# SPDX-License-Identifier: GPL-3.0-or-later
"""Module win_port_reservation in what looks like a WSL distribution, with Windows' programs below its drive C."""

from __future__ import annotations

import os
import sys

import pytest

from ansible_collections.dockmaster.ports.tests.integration.test_wsl import Distribution

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or os.geteuid() != 0, reason="needs namespaces, so root on Linux"
)

BLOCKED = {"tcp": {"active": [[8037, 8136, "winnat"]], "persistent": []}}


@pytest.fixture
def wsl(tmp_path):
    distribution = Distribution(tmp_path).lay("nat")
    for name in ("sc", "whoami"):
        distribution.windows_program(name)
    return distribution


def reserve(wsl, *ranges, options=(), **arguments):
    task = {"name": "reserve", "dockmaster.ports.win_port_reservation": {"ranges": list(ranges), **arguments}}
    ran = wsl.play(task, options=options)
    assert "reserve" in ran.results, ran.printed
    return ran.results["reserve"]


def excluded(wsl):
    return wsl.state.read().get("excluded")


def test_without_elevation_it_reads_and_says_how_to_write(wsl):
    with wsl.state.changing() as now:
        now["elevated"] = False

    assert not reserve(wsl, "50000-50059")["changed"]
    for options in ([], ["--check"]):
        assert reserve(wsl, "8080-8089", families=["ipv4"], options=options)["msg"] == (
            "WSL starts Windows' programs without elevation here, so that they show what Windows excludes, and cannot"
            " change it. Run this task against Windows itself (over WinRM or ssh), or run in a terminal of an"
            " administrator there: netsh interface ipv4 add excludedportrange protocol=tcp startport=8080"
            " numberofports=10 store=persistent"
        )
    assert excluded(wsl) is None


def test_with_elevation_it_writes(wsl):
    checked = reserve(wsl, "8180-8189", options=["--check", "--diff"])
    assert excluded(wsl) is None

    result = reserve(wsl, "8180-8189", options=["--diff"])
    assert checked["changed"] and checked["diff"] == result["diff"]
    assert excluded(wsl)["tcp"]["persistent"] == [[8180, 8189], [50000, 50059]]
    assert not reserve(wsl, "8180-8189")["changed"]
    assert reserve(wsl, "8180-8189", state="absent")["changed"]
    assert excluded(wsl)["tcp"]["persistent"] == [[50000, 50059]]


def test_a_port_that_windows_itself_has(wsl):
    assert reserve(wsl, "8080", families=["ipv4"])["msg"] == (
        "8080/tcp is not reserved (ipv4): netsh said: Der Prozess kann nicht auf die Datei zugreifen, da sie von einem"
        " anderen Prozess verwendet wird; System (pid 4) has 8080/tcp; Windows reserves no port that a program has"
    )


def test_winnat_is_left_alone(wsl):
    with wsl.state.changing() as now:
        now["excluded"] = BLOCKED

    assert reserve(wsl, "8080", restart_winnat="if_needed")["msg"] == (
        "Windows itself keeps 8037-8136 (Hyper-V, WinNAT or HTTP.sys), and lets none reserve there; winnat is not"
        " stopped from within WSL: run this task against Windows itself (over WinRM or ssh)"
    )
    assert excluded(wsl) == BLOCKED


def test_role_windows_excluded_ports_runs_in_a_distribution(wsl):
    role = {
        "name": "role",
        "ansible.builtin.include_role": {"name": "dockmaster.ports.windows_excluded_ports"},
        "vars": {"windows_excluded_ports_publish": ["8180-8181:80-81", "127.0.0.1:8182:82", "53:53/udp"]},
    }

    ran = wsl.play(role)

    assert ran.rc == 0, ran.printed
    assert excluded(wsl)["tcp"]["persistent"] == [[8180, 8182], [50000, 50059]]
    assert excluded(wsl)["udp"]["persistent"] == [[53, 53], [50000, 50059]]
