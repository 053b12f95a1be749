# SPDX-License-Identifier: GPL-3.0-or-later
"""Role windows_excluded_ports, over WinRM on a double of a Windows host."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("winrm", reason="the connection plugin winrm needs pywinrm")

from ansible_collections.dockmaster.ports.tests.integration.windows.double import Double

RESERVE = "Have Windows keep the ports for who asks for them by number"


def published(first, last, protocol):
    return {"first": first, "last": last, "protocol": protocol}


def play(win, *options, facts=None, **variables):
    """facts: what was gathered of host `wsl`."""
    role = {
        "name": "role",
        "ansible.builtin.include_role": {"name": "dockmaster.ports.windows_excluded_ports"},
        "vars": {f"windows_excluded_ports_{name}": value for name, value in variables.items()},
    }
    plays = [{"hosts": "win", "gather_facts": False, "tasks": [role]}]
    if facts is not None:
        add = {"name": "add", "ansible.builtin.add_host": {"name": "wsl"}}
        gather = {"name": "gather", "ansible.builtin.set_fact": {**facts, "cacheable": True}}
        plays.insert(0, {"hosts": "win", "gather_facts": False, "tasks": [add]})
        plays.insert(1, {"hosts": "wsl", "gather_facts": False, "tasks": [gather]})
    path = win.folder / "play.json"
    path.write_text(json.dumps(plays), encoding="utf-8")
    ran = win.playbook(path, options)
    named = {
        name.rpartition(" : ")[2]: result for name, result in ran.results.items()
    }  # ansible-core 2.21 adds the role
    return ran._replace(results=named)


def lasting(win, protocol="tcp"):
    return win.state.read()["excluded"][protocol]["persistent"]


def test_ranges_and_published_ports(tmp_path):
    win = Double(tmp_path)
    with win.up():
        wanted = {
            "ranges": ["5432"],
            "publish": ["8080-8089:80-89", {"publish": "53:53/udp", "by": "dns"}, "9000:9000/sctp", "80"],
        }
        assert play(win, "--check", **wanted).results[RESERVE]["changed"]
        assert "excluded" not in win.state.read()
        ran = play(win, **wanted)
        assert ran.results[RESERVE]["changed"], ran.printed
        assert lasting(win) == [[5432, 5432], [8080, 8089], [50000, 50059]]
        assert lasting(win, "udp") == [[53, 53], [50000, 50059]]
        assert not play(win, **wanted).results[RESERVE]["changed"]
        assert play(win, state="absent", **wanted).results[RESERVE]["changed"]
        assert lasting(win) == [[50000, 50059]]


def test_published_ports_of_a_distribution(tmp_path):
    win = Double(tmp_path)
    with win.up():
        rows = [published(8080, 8080, "tcp"), published(0, 0, "tcp"), published(5000, 5001, "udp")]
        ran = play(win, facts={"ports": {"publications": rows}}, published_of=["wsl"])
        assert ran.results[RESERVE]["changed"], ran.printed
        assert (lasting(win)[0], lasting(win, "udp")[0]) == ([8080, 8080], [5000, 5001])


@pytest.mark.parametrize("facts", [{"other": 1}, {"ports": {"publications": None}}], ids=str)
def test_what_was_not_gathered_is_not_taken_for_nothing(tmp_path, facts):
    win = Double(tmp_path)
    with win.up():
        ran = play(win, facts=facts, published_of=["wsl"], state="exactly")
        assert ran.rc != 0 and RESERVE not in ran.results
        assert "The published ports of wsl were not gathered" in " ".join(ran.printed.split())
        assert win.calls() == []
