# SPDX-License-Identifier: GPL-3.0-or-later
"""The order in which winnat is stopped and started, and what its state is read from."""

from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Output
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows.command import Command
from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows import winnat

CHANGES = [Command(("netsh", "one")), Command(("netsh", "two"))]


def test_nothing_is_stopped_without_the_safety_and_changed_without_the_stop():
    safety, stop, one, two, start = winnat.sequence(CHANGES)

    assert [stop.argv, start.argv] == [("net", "stop", "winnat"), ("net", "start", "winnat")]
    assert [one.argv, two.argv] == [change.argv for change in CHANGES]
    assert (stop.after, one.after, two.after, start.after) == (safety, stop, stop, safety)


def test_the_safety_outlives_the_shell():
    safety = winnat.sequence(CHANGES)[0]

    assert safety.argv == (
        "powershell",
        "-NoProfile",
        "-NonInteractive",
        "-Command",
        "$ErrorActionPreference = 'Stop'; $made = Invoke-CimMethod -ClassName Win32_Process -MethodName Create -Arguments"
        " @{CommandLine='powershell.exe -NoProfile -NonInteractive -Command Start-Sleep 64;"
        " 1..4 | ForEach-Object { net.exe start winnat; Start-Sleep 30 }'}; if ($made.ReturnValue -eq 0) { exit 0 }; exit 1",
    )
    assert safety.after is None


QUERY = """
SERVICE_NAME: winnat
        TYPE               : 1  KERNEL_DRIVER
        STATE              : {}
                                (STOPPABLE, NOT_PAUSABLE, IGNORES_SHUTDOWN)
        WIN32_EXIT_CODE    : 0  (0x0)
""".replace("\n", "\r\n")
STATES = [
    (Output(0, QUERY.format("4  RUNNING"), ""), True),
    (Output(0, QUERY.format("1  STOPPED"), ""), False),
    (Output(0, QUERY.format("2  START_PENDING"), ""), False),
    (Output(0, QUERY.replace("STATE", "ZUSTAND").format("4  WIRD AUSGEFÜHRT"), ""), True),
    (Output(1060, "[SC] EnumQueryServicesStatus:OpenService FAILED 1060:\r\n", ""), None),
    (Output(0, "", ""), None),
    (Output(-1, "", "The system cannot find the file specified"), None),
]


@pytest.mark.parametrize("answer, runs", STATES)
def test_runs(answer, runs):
    assert winnat.runs(answer) is runs
