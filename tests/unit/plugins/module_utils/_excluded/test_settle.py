# SPDX-License-Identifier: GPL-3.0-or-later
"""Excluded ports brought to a wish through a netsh that refuses, lies, and shows one list or two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._excluded import report
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.netsh import FAMILIES
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.rows import PERSISTENT, Command, Table, Wish
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.settle import (
    State,
    Task,
    look,
    plans,
    settle,
    unsettled,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.netsh import Excluded
from ansible_collections.dockmaster.ports.tests.integration.windows.excluded_ports import ExcludedPorts, Row
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._excluded.fake_windows import FakeWindows
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._excluded.test_plan import (
    holds,
    windows,
    wishes,
)

STOCK = Excluded(50000, 50059, True)


def settled(shell, wish, families=FAMILIES):
    task = Task({"tcp": wish}, tuple(families))
    state = State(look(shell, task))
    settle(shell, task, state)
    return task, state


@given(windows(), windows(), wishes, st.booleans(), st.booleans())
def test_whatever_netsh_says_the_wish_holds_or_it_is_told_that_it_does_not(one, other, wish, apart, lies):
    shell = FakeWindows(apart=apart, lies=lies)
    shell.lay(one, "tcp", "ipv4/tcp")
    shell.lay(other, "ipv6/tcp")

    task, state = settled(shell, wish)

    missed = {place for place in task.places if not holds(state.now.tables[place], wish)}
    assert missed == {one.place for one in unsettled(task, state)}
    for place, todo in plans(task, state.now.tables, state.back).items():
        assert bool(todo.blocked) == (place in missed)  # nothing else is in the way here


@given(windows(), wishes, st.booleans())
def test_a_second_time_changes_nothing(model, wish, apart):
    shell = FakeWindows(apart=apart)
    shell.lay(model, "tcp", "ipv4/tcp", "ipv6/tcp")
    settled(shell, wish)
    shell.ran.clear()

    settled(shell, wish)

    assert shell.changes() == []


def test_one_list_is_changed_once():
    shell = FakeWindows()

    settled(shell, Wish(frozenset([8080])))

    assert shell.changes() == [
        "netsh interface ipv4 add excludedportrange protocol=tcp startport=8080 numberofports=1 store=persistent"
    ]


def test_what_is_refused_is_told_with_netshs_words():
    shell = FakeWindows(sockets=[{"protocol": "tcp", "port": 8080}])

    task, state = settled(shell, Wish(frozenset([8080, 8081, 9000])), ["ipv4"])

    assert [str(one) for one in unsettled(task, state)] == [
        "8080-8081/tcp is not reserved (ipv4): netsh said: ERROR_SHARING_VIOLATION"
    ]
    assert 9000 in state.now.tables["ipv4", "tcp"].reserved


def test_what_windows_keeps_is_told_and_not_tried():
    shell = FakeWindows()
    shell.lay(ExcludedPorts([Row(8037, 8136, "winnat")]), "tcp")

    task, state = settled(shell, Wish(frozenset([8080, 9000])), ["ipv6"])

    assert [str(one) for one in unsettled(task, state)] == [
        "8080/tcp is not reserved (ipv6): Windows itself keeps 8037-8136"
    ]
    assert len(shell.changes()) == 1 and "startport=9000" in shell.changes()[0]


def test_a_row_that_did_not_come_back_is_tried_again_and_told():
    """Between its end and its return a program got one of its ports."""

    class Thief(FakeWindows):
        def _run(self, argv):
            answer = super()._run(argv)
            if "delete" in argv:
                self.state["sockets"].append({"protocol": "tcp", "port": 8089})
            return answer

    shell = Thief()
    shell.lay(ExcludedPorts([Row(8080, 8089)], [Row(8080, 8089)]), "tcp")

    task, state = settled(shell, Wish(frozenset([8080]), "absent"), ["ipv4"])

    assert [str(one) for one in unsettled(task, state)] == [
        "8081-8089/tcp is not reserved (ipv4): netsh said: ERROR_SHARING_VIOLATION"
    ]
    shell.state["sockets"].clear()
    settle(shell, task, state)
    assert unsettled(task, state) == []


def test_a_list_that_cannot_be_read_is_not_seen():
    shell = FakeWindows(language="english")
    shell._run = lambda argv: type("O", (), {"rc": 1, "out": "Access is denied.\r\n", "err": ""})()

    with pytest.raises(Unseen) as caught:
        settled(shell, Wish(frozenset([8080])))

    assert str(caught.value) == "netsh failed (exit status 1): Access is denied"


def test_where_what_lasts_is_not_told_administrators_rows_are_taken_to_last():
    shell = FakeWindows(hidden=True)
    task, state = settled(shell, Wish(frozenset([50000]), "absent"), ["ipv4"])

    assert state.now.hidden == {("ipv4", "tcp"): "netsh printed nothing"}
    assert unsettled(task, state) == []
    assert "delete" in shell.changes()[0]


TABLES = {("ipv4", "tcp"): Table((Excluded(5357, 5357, False), STOCK, Excluded(50100, 50100, True)), (STOCK,))}
DORMANT = {("ipv4", "tcp"): Table((), (STOCK,))}


def test_records():
    rows = [(r["first"], r["last"], r["administered"], r["active"], r["persistent"]) for r in report.records(TABLES)]

    assert rows == [
        (5357, 5357, False, True, False),
        (50000, 50059, True, True, True),
        (50100, 50100, True, True, False),
    ]
    assert [(r["active"], r["persistent"]) for r in report.records(DORMANT)] == [(False, True)]


def test_diff():
    head = "ports that Windows excludes (ipv4, tcp)"

    assert report.diff(TABLES, TABLES) == []
    assert report.diff(TABLES, DORMANT) == [
        {
            "before_header": head,
            "after_header": head,
            "before": " 5357-5357  kept by Windows\n50000-50059 reserved\n50100-50100 reserved until the next boot\n",
            "after": "50000-50059 reserved from the next boot on\n",
        }
    ]


@given(windows(), wishes)
def test_what_check_mode_predicts_is_what_then_is(model, wish):
    shell = FakeWindows()
    shell.lay(model, "tcp")
    task = Task({"tcp": wish}, ("ipv4",))
    before = look(shell, task).tables["ipv4", "tcp"]
    todo = plans(task, {("ipv4", "tcp"): before})["ipv4", "tcp"]
    predicted = report.after(before, todo.commands)

    _task, state = settled(shell, wish, ["ipv4"])

    if not todo.blocked:
        assert predicted == state.now.tables["ipv4", "tcp"]


def test_blocks_that_winnat_lets_go_are_not_predicted():
    block = Excluded(8037, 8136, False)

    assert report.after(Table((block,)), [Command("add", 8080, 8080, PERSISTENT)], [block]) == Table(
        (Excluded(8080, 8080, True),), (Excluded(8080, 8080, True),)
    )
