# SPDX-License-Identifier: GPL-3.0-or-later
"""Module win_port_reservation as a playbook runs it, over WinRM, on a double of a Windows host."""

from __future__ import annotations

import functools
import time

import pytest

pytest.importorskip("winrm", reason="the connection plugin winrm needs pywinrm")

from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows.winnat import QUERY, sequence
from ansible_collections.dockmaster.ports.tests.integration.windows.double import Double
from ansible_collections.dockmaster.ports.tests.integration.windows.words import PAGES

STOCK = [50000, 50059, "administrator"]
BLOCK = [8037, 8136, "winnat"]
SHOWS = ("netsh interface ipv4 show", "netsh interface ipv6 show", "sc query", "netstat", "tasklist")
CUT = (
    "the network of running Windows containers, of WSL 2 with NAT networking and of virtual machines behind a NAT"
    " switch of Hyper-V is cut"
)


def tcp(*rows, lasting=()):
    """State: rows in force, `[first, last]` of administrators for every boot."""
    active = sorted([*rows, STOCK, *([*row, "administrator"] for row in lasting)])
    return {"tcp": {"active": active, "persistent": sorted([STOCK[:2], *map(list, lasting)])}}


@pytest.fixture
def win(tmp_path, request):
    """Over WinRM, or by the way that a test names."""
    double = Double(tmp_path, getattr(request, "param", "winrm"))
    yield double
    double.change(second=0)
    for pid in double.state.read().get("later", []):
        wait_until(functools.partial(has_ended, pid), f"process {pid} ends")


def has_ended(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def wait_until(holds, what):
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end, f"not within 20 s: {what}"
        time.sleep(0.05)


def reserve(win, *ranges, options=(), **arguments):
    (result,) = reserve_all(win, {"ranges": list(ranges), **arguments}, options=options)
    return result


def reserve_all(win, *wishes, options=()):
    """One task after the other in one playbook."""
    tasks = [
        {"name": f"reserve {number}", "dockmaster.ports.win_port_reservation": wish}
        for number, wish in enumerate(wishes)
    ]
    ran = win.play(*tasks, options=options)
    assert f"reserve {len(ran.results) - 1}" in ran.results, ran.printed
    return list(ran.results.values())


def rows(result, side="after", family="ipv4"):
    """`8080-8089`, with ! behind what Windows keeps and ~ behind what goes with the next boot."""
    return [
        f"{row['first']}-{row['last']}{'' if row['administered'] else '!'}"
        f"{'~' if row['administered'] and not row['persistent'] else ''}"
        for row in result[side]
        if row["family"] == family
    ]


def changes(win):
    return [call for call in win.calls() if not call.startswith(SHOWS)]


@pytest.mark.parametrize("language", ["german", "japanese"])
def test_present_then_again_then_absent(win, language):
    wished = {"ranges": ["8080-8089", "53/udp"]}
    part, whole = {"ranges": ["8085"], "state": "absent"}, {"ranges": ["8080-8089"], "state": "absent"}
    with win.up(language=language, page=PAGES[language]):
        results = reserve_all(win, wished, wished, {"ranges": ["8083-8085"]}, part, part, whole, options=["--diff"])

        assert [result["changed"] for result in results] == [True, False, False, True, False, True]
        assert results[0]["diff"][0]["after"] == " 8080-8089  reserved\n50000-50059 reserved\n"
        assert rows(results[3]) == rows(results[3], family="ipv6") == ["8080-8084", "8086-8089", "50000-50059"]
        assert rows(results[5]) == ["50000-50059"]
        calls = [call.replace("netsh interface ipv4 ", "").replace(" store=persistent", "") for call in changes(win)]
        assert calls == [
            "add excludedportrange protocol=tcp startport=8080 numberofports=10",
            "add excludedportrange protocol=udp startport=53 numberofports=1",
            "delete excludedportrange protocol=tcp startport=8080 numberofports=10",
            "add excludedportrange protocol=tcp startport=8080 numberofports=5",
            "add excludedportrange protocol=tcp startport=8086 numberofports=4",
            "delete excludedportrange protocol=tcp startport=8080 numberofports=5",
            "delete excludedportrange protocol=tcp startport=8086 numberofports=4",
        ]


def test_ports_that_stand_in_several_rows_are_there(win):
    with win.up(excluded=tcp(lasting=[(8080, 8084), (8085, 8089)])):
        assert not reserve(win, "8080-8089")["changed"]
        assert changes(win) == []


def test_exactly_these_and_no_others(win):
    wished = {"ranges": ["8080-8089"], "state": "exactly"}
    with win.up(excluded=tcp([5357, 5357, "http"], lasting=[(8085, 8095)])):
        first, second = reserve_all(win, wished, wished)

        assert rows(first) == ["5357-5357!", "8080-8084", "8085-8089"]
        assert (first["changed"], second["changed"]) == (True, False)


def test_until_the_next_boot(win):
    with win.up():
        passing, lasting = reserve_all(win, {"ranges": ["8080"], "store": "active"}, {"ranges": ["8080"]})

        assert rows(passing) == ["8080-8080~", "50000-50059"]
        assert rows(lasting) == ["8080-8080", "50000-50059"]


def test_families_with_lists_of_their_own(win):
    with win.up(apart=True):
        first, second = reserve_all(win, {"ranges": ["8080"]}, {"ranges": ["8080"]})

        assert rows(first) == rows(first, family="ipv6") == ["8080-8080", "50000-50059"]
        assert not second["changed"]


def test_a_block_of_hyper_v_stays_where_winnat_may_not_be_stopped(win):
    with win.up(excluded=tcp(BLOCK)):
        result = reserve(win, "8080-8089", "9000")

        assert result["failed"] and not result["changed"]
        assert result["msg"] == (
            "Windows itself keeps 8037-8136 (Hyper-V, WinNAT or HTTP.sys), and lets none reserve there:"
            f" restart_winnat=if_needed stops the service winnat for a moment, in which {CUT}"
        )
        assert changes(win) == []


def test_under_a_block_of_hyper_v_with_winnat_stopped(win):
    with win.up(excluded=tcp(BLOCK)):
        checked = reserve(win, "8080-8089", restart_winnat="if_needed", options=["--check"])
        assert checked["changed"] and checked["restarted_winnat"] and checked["disrupts"] == CUT
        assert rows(checked) == ["8080-8089", "50000-50059"]
        assert changes(win) == []

        result = reserve(win, "8080-8089", restart_winnat="if_needed")
        assert result["changed"] and result["restarted_winnat"] and result["disrupts"] == CUT
        assert rows(result) == ["8080-8089", "8090-8189!", "50000-50059"]
        safety, *others = changes(win)
        assert (
            safety.startswith("powershell ")
            and "Start-Sleep 64; 1..4 | ForEach-Object { net.exe start winnat;" in safety
        )
        assert [others[0], others[-1]] == ["net stop winnat", "net start winnat"]

        again = reserve(win, "8080-8089", restart_winnat="if_needed")
        assert not again["changed"] and not again["restarted_winnat"]
        assert changes(win) == []


def test_winnat_restarted_for_its_own_sake(win):
    with win.up(excluded=tcp(BLOCK)):
        assert reserve(win, restart_winnat="always", options=["--check"])["changed"]
        assert changes(win) == []

        result = reserve(win, restart_winnat="always")
        assert result["changed"] and result["restarted_winnat"] and result["disrupts"] == CUT
        assert [call for call in changes(win) if not call.startswith("powershell")] == [
            "net stop winnat",
            "net start winnat",
        ]
        assert win.state.read()["winnat"]["running"]


def test_winnat_that_does_not_run_is_not_started(win):
    with win.up(winnat={"running": False}):
        message = "the service winnat does not run, so it is not started again"
        assert reserve(win, restart_winnat="always")["msg"] == message
        assert changes(win) == []


def test_winnat_is_left_alone_where_no_block_is_in_the_way(win):
    with win.up(excluded=tcp(BLOCK)):
        assert not reserve(win, "9000", restart_winnat="if_needed")["restarted_winnat"]
        assert not any(call.startswith(("net ", "powershell")) for call in win.calls())


def test_winnat_is_left_alone_where_its_stop_would_not_help(win):
    with win.up(excluded=tcp([5357, 5357, "http"], BLOCK)):
        for options in ([], ["--check"]):
            result = reserve(win, "5357", "8080", restart_winnat="if_needed", options=options)

            assert result["msg"] == (
                "Windows itself keeps 5357 for services (HTTP.sys and the like), and lets none reserve there;"
                " a stop of winnat lets go of blocks alone"
            )
            assert not result["changed"] and not result["restarted_winnat"]
        assert changes(win) == []


def test_a_port_of_http_sys_is_not_let_go(win):
    with win.up(excluded=tcp([5357, 5357, "http"])):
        result = reserve(win, "5357", restart_winnat="always")

        assert result["msg"] == (
            "5357/tcp is not reserved (ipv4): Windows itself keeps 5357;"
            " 5357/tcp is not reserved (ipv6): Windows itself keeps 5357"
        )
        assert win.state.read()["winnat"]["running"]


@pytest.mark.parametrize("lies", [False, True])
def test_a_port_that_a_program_has(win, lies):
    sockets = [{"protocol": "tcp", "ip": "0.0.0.0", "port": 8081, "pid": 4711, "state": "listening"}]
    processes = [
        {"pid": 0, "name": "System Idle Process", "services": []},
        {"pid": 4711, "name": "nginx.exe", "services": []},
    ]
    with win.up(language="german", page=850, sockets=sockets, processes=processes, lies=lies):
        result = reserve(win, "8080-8089", families=["ipv4"])

        assert not result["changed"]
        words = "Der Prozess kann nicht auf die Datei zugreifen, da sie von einem anderen Prozess verwendet wird"
        said = "" if lies else f": netsh said: {words}"
        names = "; nginx.exe (pid 4711) has 8081/tcp; Windows reserves no port that a program has"
        assert result["msg"] == f"8080-8089/tcp is not reserved (ipv4){said}{names}"


@pytest.mark.parametrize("options", [(), ("--check",)])
def test_a_row_whose_rest_a_program_has_is_not_broken(win, options):
    sockets = [{"protocol": "tcp", "ip": "0.0.0.0", "port": 8081, "pid": 4, "state": "listening"}]
    with win.up(sockets=sockets, excluded=tcp(lasting=[(8080, 8089)])):
        result = reserve(win, "8085", state="absent", options=options)

        assert result["msg"] == (
            "nothing was changed: Windows deletes rows as a whole, and could not reserve 8080-8084, 8086-8089/tcp"
            " again: System (pid 4) has 8081/tcp; Windows reserves no port that a program has"
        )
        assert changes(win) == []


def test_without_elevation(win):
    with win.up(elevated=False):
        for options in ([], ["--check"]):
            result = reserve(win, "8080", options=options)
            assert result["failed"] and result["msg"] == (
                "Windows lets only an elevated administrator change which ports it excludes and draws, and this"
                " connection's user is none: connect as a member of Administrators whose token is not filtered"
            )
        assert not reserve(win, "50000-50059").get("failed")
        assert changes(win) == []


def test_winnat_that_starts_at_the_third_try(win):
    with win.up(excluded=tcp(BLOCK), winnat={"refuses_start": 2}, second=9):
        result = reserve(win, "8080", restart_winnat="if_needed")

        assert result["changed"] and win.state.read()["winnat"]["running"]


def test_winnat_that_does_not_start_again(win):
    with win.up(excluded=tcp(BLOCK), winnat={"refuses_start": 99}, second=9):
        result = reserve(win, "8080", restart_winnat="if_needed")

        assert result["failed"] and result["restarted_winnat"]
        assert result["changed"] and rows(result) == ["8080-8080", "50000-50059"]  # what was done meanwhile is told
        assert result["msg"] == (
            "winnat does not start again: A system error has occurred. System error 31 has occurred. The Windows NAT"
            f" Driver service is not started. Until `net start winnat` succeeds, {CUT}"
        )


def test_winnat_that_cannot_be_stopped(win):
    with win.up(excluded=tcp(BLOCK), winnat={"refuses_stop": True}, second=9):
        result = reserve(win, "8080", restart_winnat="if_needed")

        assert result["msg"] == (
            "nothing was changed: winnat could not be stopped: The Windows NAT Driver service could not be stopped"
        )
        assert not result["changed"] and not result["restarted_winnat"]
        assert not any("add excludedportrange" in call for call in win.calls())


@pytest.mark.parametrize("win", ["winrm", "ssh-cmd"], indirect=True)
@pytest.mark.parametrize("done", ["net stop winnat", "netsh interface ipv4 add"])
def test_the_connection_is_lost_between_stop_and_start(win, done):
    """The shell is killed with it. Over a new connection winnat is started, and the tables decide what came about."""
    with win.up(excluded=tcp(BLOCK), kill_after=done, second=9):
        result = reserve(win, "8080", restart_winnat="if_needed")

        assert win.state.read()["winnat"]["running"]
        if done != "net stop winnat":  # the port was reserved when the shell was killed
            assert result["changed"] and not result.get("failed")
        else:
            assert (
                result["failed"] and "8080/tcp is not reserved (ipv4): Windows itself keeps 8037-8136" in result["msg"]
            )
        assert reserve(win, "8080", restart_winnat="if_needed")["changed"] is (done == "net stop winnat")


@pytest.mark.parametrize("refused", [0, 3])
def test_the_host_is_lost_between_stop_and_start(win, refused):
    """Nobody comes back to it: what was prepared before the stop starts winnat, also if that is first refused."""
    nat = {"refuses_start": refused}
    with win.up(excluded=tcp(BLOCK), kill_after="net stop winnat", stays_away=True, winnat=nat, second=0.01):
        result = reserve(win, "8080", restart_winnat="if_needed")
        assert result["unreachable"]
        assert f"A process on the host starts winnat 64 seconds after the stop; until then {CUT}" in result["msg"]

        wait_until(lambda: win.state.read()["winnat"]["running"], "winnat runs again")


def test_what_lasts_is_not_told(win):
    there, gone = {"ranges": ["8080"]}, {"ranges": ["8080"], "state": "absent"}
    with win.up(hidden=True):
        assert [result["changed"] for result in reserve_all(win, there, there, gone, gone)] == [True, False] * 2


def test_netsh_that_prints_nothing_tells_nothing(win):
    silent = {
        "netsh interface ipv4 show excludedportrange protocol=tcp store=active": {"code": 0, "out": "", "err": ""}
    }
    with win.up(fail=silent):
        result = reserve(win, "8080")

        assert result["failed"] and result["msg"].endswith("netsh printed nothing")
        assert changes(win) == []


CHECKED = [
    {"ranges": ["8080-8089", "53/udp"]},
    {"ranges": ["8080"], "store": "active"},
    {"ranges": ["9005"], "state": "absent"},
    {"ranges": ["9005"], "state": "exactly", "protocol": "both"},
    {"ranges": ["8090"], "restart_winnat": "if_needed"},
]


@pytest.mark.parametrize("arguments", CHECKED, ids=str)
def test_check_mode_changes_nothing_and_tells_what_the_run_then_does(win, arguments):
    with win.up(excluded=tcp([8090, 8099, "winnat"], lasting=[(9000, 9009)])):
        task = {"name": "reserve", "dockmaster.ports.win_port_reservation": arguments}
        before = {**win.state.read(), "calls": []}
        checked = win.play(task, options=["--check", "--diff"]).results["reserve"]
        assert changes(win) == []
        assert {name: value for name, value in win.state.read().items() if name != "winnat"} == before

        real = win.play(task, options=["--diff"]).results["reserve"]
        assert checked["changed"] is real["changed"] is True
        if "restart_winnat" not in arguments:
            assert (checked["diff"], checked["after"]) == (real["diff"], real["after"])


@pytest.mark.parametrize(
    "arguments, message",
    [
        (
            {"ranges": ["90-80"]},
            "ranges: '90-80' is not a port or a rising range of ports within 1-65535, such as 8080 or 30000-30100",
        ),
        ({"ranges": ["53/sctp"]}, "ranges: '53/sctp' has protocol 'sctp': expected tcp, udp or both, such as 53/udp"),
    ],
)
def test_what_is_no_range(win, arguments, message):
    with win.up():
        assert reserve(win, *arguments["ranges"])["msg"].endswith(message)
        assert win.calls() == []


@pytest.mark.parametrize("win", ["ssh-powershell", "ssh-cmd"], indirect=True)
def test_ssh_with_either_shell(win):
    with win.up():
        there = {"ranges": ["8080"]}
        assert [result["changed"] for result in reserve_all(win, there, there)] == [True, False]


def test_winnat_is_not_stopped_where_its_start_cannot_be_prepared(win):
    safety = str(sequence([QUERY, QUERY])[0])  # two changes: one a family
    refused = {safety: {"code": 1, "out": "", "err": "Access is denied."}}
    with win.up(excluded=tcp(BLOCK), fail=refused):
        result = reserve(win, "8080", restart_winnat="if_needed")

        assert result["msg"] == (
            "nothing was changed: the start of winnat after its stop cannot be prepared: Access is denied"
        )
        assert changes(win) == [safety]
