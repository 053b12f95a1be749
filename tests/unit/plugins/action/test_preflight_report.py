# SPDX-License-Identifier: GPL-3.0-or-later
"""The table is printed once, by the first host that was checked, and hosts that are gone are in it."""

from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.action import preflight_report as plugin

FREE = {"publish": "8080:80", "binding": "*:8080/tcp", "by": "shop", "verdict": "free", "findings": [], "unjudged": {}}
CHECKED = {"wants": [FREE]}
AWAY = {"unreachable": True, "msg": "no route"}


class Action(plugin.ActionModule):
    """With options, and without a task, a connection or a play."""

    def __init__(self, **options):
        self.options = {"checked": "seen", "fail_on": "diverted", "enforce_policy": True, "complete": True, **options}

    def validate_argument_spec(self, _spec):
        return None, self.options


def report(monkeypatch, hostvars, own, gone=(), **options):
    """What one host's task returns, and what it prints."""
    printed = []
    monkeypatch.setattr(plugin, "show", lambda lines: printed.extend(line.text for line in lines))
    monkeypatch.setattr(plugin.ActionBase, "run", lambda *_arguments: {})
    left = [host for host in hostvars if host not in gone]
    variables = {
        **hostvars[own],
        "inventory_hostname": own,
        "hostvars": hostvars,
        "ansible_play_batch": left,
        "ansible_play_hosts": left,
        "ansible_play_hosts_all": list(hostvars),
    }
    return Action(**options).run(None, variables), printed


FLEET = {"a": {}, "b": {"seen": CHECKED}, "c": {"seen": {"skipped": True}}, "d": {"seen": AWAY}}


@pytest.mark.parametrize("own, prints, msg", [
    ("a", False, "not checked: port_check registered no seen"),
    ("b", True, "go"),
    ("d", False, "not checked: unreachable: no route"),
])  # fmt: skip
def test_the_first_host_that_was_checked_prints_for_all(monkeypatch, own, prints, msg):
    result, printed = report(monkeypatch, FLEET, own)

    assert (bool(printed), result["msg"], result["refused"]) == (prints, msg, msg != "go")


def test_the_table(monkeypatch):
    _result, printed = report(monkeypatch, FLEET, "b")

    assert printed == [
        "d not checked: unreachable: no route",
        "b 1 published port wanted, all free: *:8080/tcp (shop)",
        "fleet 2 hosts: 0 with findings, 1 not checked.",
    ]


@pytest.mark.parametrize("complete, refused", [(True, True), (False, False)])
def test_a_host_that_is_gone_is_no_all_clear(monkeypatch, complete, refused):
    result, printed = report(monkeypatch, {"b": {"seen": CHECKED}, "x": {}}, "b", gone=["x"], complete=complete)

    assert "x not checked: it dropped out of the play before" in printed
    assert result["refused"] is refused


def test_a_host_that_was_checked_and_is_gone_since_is_not_counted_again(monkeypatch):
    result, printed = report(monkeypatch, {"b": {"seen": CHECKED}, "x": {"seen": CHECKED}}, "b", gone=["x"])

    assert (result["msg"], len(printed)) == ("go", 2)
