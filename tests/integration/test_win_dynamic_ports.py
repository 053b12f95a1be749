# SPDX-License-Identifier: GPL-3.0-or-later
"""Module win_dynamic_ports as a playbook runs it, over WinRM, on a double of a Windows host."""

from __future__ import annotations

import pytest

pytest.importorskip("winrm", reason="the connection plugin winrm needs pywinrm")

from ansible_collections.dockmaster.ports.tests.integration.windows.double import Double
from ansible_collections.dockmaster.ports.tests.integration.windows.words import PAGES

PLACES = [f"{family}/{protocol}" for protocol in ("tcp", "udp") for family in ("ipv4", "ipv6")]
BROKEN = {place: [1024, 13977] for place in PLACES}


@pytest.fixture
def win(tmp_path):
    return Double(tmp_path)


def draw(win, *options, **arguments):
    ran = win.play({"name": "draw", "dockmaster.ports.win_dynamic_ports": arguments}, options=options)
    assert "draw" in ran.results, ran.printed
    return {**ran.results["draw"], "printed": ran.printed}


def sets(win):
    return [call for call in win.calls() if " show " not in call]


def ranges(result, side="after"):
    return [(row["family"], row["protocol"], row["start"], row["count"]) for row in result[side]]


@pytest.mark.parametrize("language", ["english", "korean"])
def test_windows_own_range_is_brought_back(win, language):
    blocks = {"tcp": {"active": [[3000, 3099, "winnat"], [5357, 5357, "http"]], "persistent": []}}
    with win.up(language=language, page=PAGES[language], dynamic=BROKEN, excluded=blocks):
        checked = draw(win, "--check", "--diff")
        assert sets(win) == []

        result = draw(win, "--diff")
        assert checked["changed"] and result["changed"]
        assert (checked["after"], checked["diff"]) == (result["after"], result["diff"])
        assert ranges(result, "before") == [(*place.split("/"), 1024, 13977) for place in PLACES]
        assert ranges(result) == [(*place.split("/"), 49152, 16384) for place in PLACES]
        assert result["diff"]["after"].splitlines()[0] == "ipv4 tcp: 49152-65535 (16384 ports)"
        assert result["reboot_required"]
        assert "until the next boot Windows keeps 3000-3099, which lie outside of 49152-65535" in " ".join(
            result["printed"].split()
        )
        assert sets(win)[0] == (
            "netsh interface ipv4 set dynamicport protocol=tcp startport=49152 numberofports=16384 store=persistent"
        )

        again = draw(win)
        assert not again["changed"] and not again["reboot_required"]
        assert sets(win) == []


def test_one_protocol_of_one_family(win):
    with win.up(apart=True):
        result = draw(win, start=40000, count=10000, protocol="udp", families=["ipv6"])

        assert ranges(result) == [("ipv6", "udp", 40000, 10000)]
        assert win.state.read()["dynamic"] == {"ipv6/udp": [40000, 10000]}


def test_a_range_on_published_ports_is_warned_of(win):
    with win.up():
        result = draw(win, start=1025, count=64511)

        assert result["changed"]
        assert "Windows draws from 1025-65535, where published ports mostly are" in " ".join(result["printed"].split())


@pytest.mark.parametrize("start, count", [(1024, 16384), (49152, 254), (49152, 16385)])
def test_what_windows_refuses_is_not_tried(win, start, count):
    with win.up():
        assert draw(win, start=start, count=count)["msg"].endswith(
            f"start: {start} and count: {count} are no range that Windows takes: expected 255 ports or more within"
            " 1025-65535, such as start: 49152 and count: 16384"
        )
        assert win.calls() == []


def test_without_elevation(win):
    with win.up(elevated=False, dynamic=BROKEN):
        for options in ([], ["--check"]):
            assert "Windows lets only an elevated administrator change" in draw(win, *options)["msg"]
        assert sets(win) == []


def test_a_refusal_that_ends_with_0_is_one(win):
    command = "netsh interface ipv4 set dynamicport protocol=tcp startport=49152 numberofports=16384 store=persistent"
    refusal = {command: {"code": 0, "out": "Zugriff verweigert\n", "err": ""}}
    with win.up(dynamic=BROKEN, fail=refusal):
        assert draw(win, protocol="tcp", families=["ipv4"])["msg"].endswith(
            "Windows still draws from 1024-15000 (ipv4 tcp): netsh said: Zugriff verweigert"
        )


def test_what_was_changed_before_a_refusal_is_told(win):
    command = "netsh interface ipv6 set dynamicport protocol=tcp startport=49152 numberofports=16384 store=persistent"
    refusal = {command: {"code": 1, "out": "Access is denied.\n", "err": ""}}
    with win.up(dynamic=BROKEN, apart=True, fail=refusal):
        result = draw(win, "--diff", protocol="tcp")

        assert result["failed"] and result["changed"]
        assert result["msg"] == "Windows still draws from 1024-15000 (ipv6 tcp): netsh said: Access is denied"
        assert ranges(result) == [("ipv4", "tcp", 49152, 16384), ("ipv6", "tcp", 1024, 13977)]
        assert result["diff"]["before"] != result["diff"]["after"]
