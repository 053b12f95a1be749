# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of each command, as the probes read it."""

from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._collect import sections_of
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Missing, Output, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows.recording import recorded
from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows.remote import Windows
from ansible_collections.dockmaster.ports.tests.unit.plugins.plugin_utils._windows.fake_action import (
    FakeAction,
    answered,
    packed,
)

VARS = {"inventory_hostname": "web-07"}
NETSTAT, TASKS = ("netstat", "-ano"), ("tasklist", "/SVC", "/FO", "CSV", "/NH")


def record(*answers, sections=("sockets",), timeout=2.5):
    action = FakeAction(answered(*answers))
    host, request = recorded(Windows(action, VARS), Request(sections, system="Windows"), timeout, {"A": "b"})
    return action, host, request


def test_each_command_is_run_once_and_for_the_sections_that_are_asked_for():
    action, _host, _request = record({}, {}, {})
    (asked,) = action.asked

    assert [f"{one['program']} {one['arguments']}" for one in asked["commands"]] == [
        "netstat -anoq", "netstat -ano", "tasklist /SVC /FO CSV /NH",
    ]  # fmt: skip
    assert {one["seconds"] for one in asked["commands"]} == {3}
    assert asked["environment"] == {"A": "b"}


def test_the_whole_is_one_round_trip_without_a_command_twice():
    action = FakeAction(answered(*[{}] * 16))

    recorded(Windows(action, VARS), Request(sections_of(["all"]), system="Windows"), 10, {})

    lines = [f"{one['program']} {one['arguments']}" for one in action.asked[0]["commands"]]
    assert len(action.asked) == 1
    assert len(lines) == len(set(lines)) == 16


def test_the_host_names_itself():
    _action, _host, request = record({}, {}, {})

    assert request.name == "WEB-07"


def test_what_a_program_printed():
    _action, host, _request = record({}, {"out": packed("für".encode("cp850")), "code": 3}, {"err": packed("x")})

    assert host.run(*NETSTAT) == Output(3, "für", "")
    assert host.run(*TASKS) == Output(0, "", "x")


@pytest.mark.parametrize(
    "answer, kind, why",
    [
        ({"code": None, "missing": True, "why": "nicht gefunden"}, Missing, "there is no program netstat"),
        ({"code": None, "late": True}, Unseen, "netstat -ano did not end within 2.5 s; raise timeout"),
        ({"code": None, "why": "Zugriff\r\nverweigert"}, Unseen, "netstat -ano: Zugriff verweigert"),
    ],
)
def test_a_program_that_told_nothing(answer, kind, why):
    _action, host, _request = record({}, answer, {})

    with pytest.raises(kind) as caught:
        host.run(*NETSTAT)

    assert caught.value.why == why


def test_a_program_that_needed_not_be_run_printed_nothing():
    _action, host, _request = record({}, {"code": None, "run": False}, {})

    assert host.run(*NETSTAT) == Output(0, "", "")
