# SPDX-License-Identifier: GPL-3.0-or-later
"""What task win_port_reservation refuses, warns of and tells, with a service winnat that does as it is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.arguments import task_of
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.netsh import FAMILIES, change
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.refusal import DISRUPTS
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.reservation import (
    NotStopped,
    Reservation,
    ReservationError,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.settle import Task, begin, look, note
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Output
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows.command import Command
from ansible_collections.dockmaster.ports.tests.integration.windows import reserved
from ansible_collections.dockmaster.ports.tests.integration.windows.excluded_ports import ExcludedPorts, Row
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._excluded.fake_windows import FakeWindows
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._excluded.test_plan import (
    HIGH,
    LOW,
    seen,
    windows,
    wishes,
)

BLOCK = Row(8037, 8136, "winnat")
SINGLE = Row(8080, 8080, "http")
SERVICES = (
    "Windows itself keeps 8080 for services (HTTP.sys and the like), and lets none reserve there; a stop of winnat lets go"
    " of blocks alone"
)
KEEPS = "Windows itself keeps 8037-8136 (Hyper-V, WinNAT or HTTP.sys), and lets none reserve there"


class Shell(FakeWindows):
    """netstat: what that prints."""

    elevated = True
    netstat = "  TCP    0.0.0.0:445    0.0.0.0:0    LISTENING    4\r\n"

    def _run(self, argv):
        if argv[0] == "netsh":
            return super()._run(argv)
        return Output(0, self.netstat if argv[0] == "netstat" else "", "")

    def unelevated(self, commands):
        return f"not elevated: {len(commands)} changes"


class Nat:
    """raises: what becomes of the stop."""

    query = Command(("sc", "query", "winnat"))
    obstacle = ""

    def __init__(self, shell, running=True, raises=None):
        self.shell, self.running, self.raises, self.stopped = shell, running, raises, 0

    def runs(self, answer):
        return self.running

    def change(self, task, state, todo, warn):
        if self.raises:
            raise self.raises
        self.stopped += 1
        reserved.stop_winnat(self.shell.state)
        changes = begin(state, todo, through=True)
        note(state, changes, self.shell.run([change(*one) for one in changes]))
        reserved.start_winnat(self.shell.state)
        state.now = look(self.shell, task)


def reserve(
    *ranges, rows=(BLOCK,), check=False, nat=None, elevated=True, netstat=Shell.netstat, lasting=None, **options
):
    """The result, the warnings and the fakes. lasting: rows for every boot; None for all of administrators."""
    shell = Shell()
    shell.elevated, shell.netstat = elevated, netstat
    lasting = [row for row in rows if row.owner == "administrator"] if lasting is None else lasting
    shell.lay(ExcludedPorts([*rows], lasting), "tcp")
    service = Nat(shell, **(nat or {}))
    defaults = {"protocol": "tcp", "state": "present", "store": "persistent", "families": ["ipv4"]}
    told = {**defaults, "restart_winnat": "never", **options, "ranges": ranges}
    warnings = []
    done = Reservation(shell, service, task_of(told), told["restart_winnat"], check, warnings.append).run()
    return done, warnings, service


REFUSED = [
    ({}, f"{KEEPS}: restart_winnat=if_needed stops the service winnat for a moment, in which {DISRUPTS}"),
    (
        {"restart_winnat": "if_needed", "nat": {"running": False}},
        f"{KEEPS}, and the service winnat, whose stop lets go of its blocks, does not run",
    ),
    (
        {"restart_winnat": "if_needed", "nat": {"running": None}},
        f"{KEEPS}, and the service winnat, whose stop lets go of its blocks, does not run",
    ),
    ({"elevated": False}, "not elevated: 1 changes"),
    ({"rows": [SINGLE]}, SERVICES),
    ({"rows": [SINGLE], "restart_winnat": "if_needed"}, SERVICES),
    (
        {"restart_winnat": "always", "nat": {"running": False}},
        "the service winnat does not run, so it is not started again",
    ),
]


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("options, message", REFUSED)
def test_what_would_fail_is_refused_before_anything_is_changed(options, message, check):
    result, warnings, nat = reserve("8080", check=check, **options)

    assert result == {
        "changed": False,
        "restarted_winnat": False,
        "disrupts": "",
        "failed": True,
        "msg": message,
    }
    assert [call for call in nat.shell.changes() if call.startswith("netsh")] == []
    assert nat.stopped == 0
    assert warnings == []


def test_what_is_there_needs_no_rights():
    result, _warnings, _nat = reserve("8080", rows=[Row(8080, 8080)], elevated=False)

    assert not result["changed"] and "failed" not in result


def test_where_elevation_is_not_known_it_is_tried():
    assert reserve("9000", elevated=None)[0]["changed"]


def test_the_stop_is_told_before_it_is_done():
    result, warnings, nat = reserve("8080", restart_winnat="if_needed")

    assert (nat.stopped, result["restarted_winnat"], result["disrupts"]) == (1, True, DISRUPTS)
    assert warnings == [f"winnat is stopped for a moment: {DISRUPTS}"]
    assert [(row["first"], row["last"]) for row in result["after"]] == [(8080, 8080), (8081, 8180)]


def test_check_mode_tells_the_same_and_stops_nothing():
    result, warnings, nat = reserve("8080", restart_winnat="if_needed", check=True)

    assert (nat.stopped, result["changed"], result["restarted_winnat"], result["disrupts"]) == (0, True, True, DISRUPTS)
    assert warnings == [f"winnat would be stopped for a moment: {DISRUPTS}"]


@pytest.mark.parametrize("raises, restarted", [(NotStopped("no"), False), (ReservationError("no"), True)])
def test_a_stop_that_fails(raises, restarted):
    result, _warnings, _nat = reserve("8080", restart_winnat="if_needed", nat={"raises": raises})

    assert (result["failed"], result["msg"], result["restarted_winnat"]) == (True, "no", restarted)
    assert not result["changed"]


def test_absent_leaves_what_windows_keeps_and_says_so():
    result, warnings, _nat = reserve("8080", state="absent")

    assert not result["changed"]
    assert warnings == ["8037-8136 (ipv4 tcp) is kept by Windows itself, and stays"]


def test_the_row_of_windows_installation_is_not_released_in_silence():
    result, warnings, _nat = reserve("8080", state="exactly", rows=[Row(50000, 50059)])

    assert result["changed"]
    assert warnings == ["50000-50059 (ipv4 tcp), which Windows' installation excludes, is not wished"]


LISTENS = "  TCP    0.0.0.0:8081    0.0.0.0:0    LISTENING    4711\r\n"
ROW = (Row(8080, 8089),)


def test_check_mode_warns_of_ports_that_windows_would_refuse():
    result, warnings, _nat = reserve("8081", "9000", rows=[], check=True, netstat=LISTENS)

    assert result["changed"] and "failed" not in result
    assert warnings == ["process 4711 has 8081/tcp; Windows reserves no port that a program has"]


LOST = "nothing was changed: Windows deletes rows as a whole, and could not reserve {} again: {}"
HELD = "process 4711 has 8081/tcp; Windows reserves no port that a program has"
SILENT = "who has which is not seen: netstat printed nothing; Windows reserves no port that a program has"


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(
    "wished, options, message",
    [
        ("8085", {"state": "absent", "netstat": LISTENS}, LOST.format("8080-8084, 8086-8089/tcp", HELD)),
        ("8081-8083", {"state": "exactly", "netstat": LISTENS}, LOST.format("8081-8083/tcp", HELD)),
        ("8085", {"state": "absent", "netstat": ""}, LOST.format("8080-8084, 8086-8089/tcp", SILENT)),
    ],
)
def test_a_row_that_could_not_come_back_is_not_broken(wished, options, message, check):
    result, _warnings, nat = reserve(wished, rows=ROW, check=check, **options)

    assert (result["changed"], result["failed"], result["msg"]) == (False, True, message)
    assert [call for call in nat.shell.changes() if call.startswith("netsh")] == []


@pytest.mark.parametrize(
    "wished, state",
    [("8081", "absent"), ("8080-8089", "absent"), ("8000", "exactly")],
    ids=["the port in use", "the whole row", "another row"],
)
def test_a_program_does_not_keep_its_own_port_reserved(wished, state):
    result, _warnings, _nat = reserve(wished, rows=ROW, state=state, netstat=LISTENS)

    assert result["changed"] and "failed" not in result


def test_what_one_family_brought_back_the_other_does_not_take_away():
    """A row in force is broken to last, while a block of winnat's beside it goes and comes back."""
    rows = [Row(8078, 8079, "winnat"), Row(8080, 8080)]
    result, _warnings, nat = reserve(
        "8078", "8080", rows=rows, lasting=[], restart_winnat="if_needed", families=["ipv4", "ipv6"]
    )

    assert "failed" not in result
    assert nat.shell.changes() == [
        f"netsh interface {family} {verb} excludedportrange protocol=tcp startport={port} numberofports=1 store={store}"
        for family, verb, port, store in [
            ("ipv4", "add", 8078, "persistent"),
            ("ipv4", "delete", 8080, "active"),
            ("ipv4", "add", 8080, "persistent"),
            ("ipv6", "add", 8078, "persistent"),
        ]
    ]


@given(
    windows("winnat"),
    wishes.filter(lambda wish: wish.state != "exactly"),
    st.frozensets(st.integers(LOW, HIGH), max_size=2),
    st.sampled_from(["never", "if_needed", "always"]),
    st.booleans(),
)
def test_no_other_port_is_unreserved_whatever_is_in_use_and_whatever_winnat_draws(model, wish, used, restart, lies):
    shell = Shell(lies=lies, sockets=[{"protocol": "tcp", "port": port} for port in used])
    shell.netstat += "".join(f"  TCP    0.0.0.0:{port}    0.0.0.0:0    LISTENING    5\r\n" for port in used)
    shell.lay(model, "tcp")
    before = seen(model)

    Reservation(shell, Nat(shell), Task({"tcp": wish}, FAMILIES), restart, False, lambda text: None).run()

    after = seen(reserved.load(shell.state, "tcp"))
    released = wish.ports if wish.state == "absent" else frozenset()
    assert before.reserved - after.reserved <= released
    assert before.lasting - after.lasting <= released
