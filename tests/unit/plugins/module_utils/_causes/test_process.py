# SPDX-License-Identifier: GPL-3.0-or-later
"""Cause `process`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import process
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.binds import Bind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Platform
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    NGINX,
    PYTHON,
    host,
    judge,
    remedies,
    summaries,
    verdicts,
)

HIDDEN = Socket("0.0.0.0", "tcp", 111, uid=33, inode=7)
KERNELS_OWN = Socket("0.0.0.0", "udp", 51820, "bound", uid=0, inode=8)
IDLE = Socket("0.0.0.0", "tcp", 7000, "bound", pid=12, command="app")
DUAL = Socket("::", "tcp", 9000, v6only=False, pid=13, command="java")
SIX = Socket("::", "tcp", 9000, v6only=True, pid=13, command="java")


@pytest.mark.parametrize(
    "socket, publish, expected",
    [
        (PYTHON, "8080:80", ["shop wants *:8080/tcp, but python3 (pid 4711) has 127.0.0.1:8080/tcp"]),
        (PYTHON, "127.0.0.1:8080:80", ["shop wants 127.0.0.1:8080/tcp, but python3 (pid 4711) has 127.0.0.1:8080/tcp"]),
        (PYTHON, "192.0.2.10:8080:80", []),
        (PYTHON, "8080:80/udp", []),
        (PYTHON, "[::]:8080:80", []),
        (PYTHON, "8081:80", []),
        (PYTHON, "8000-8100:8000-8100", ["shop wants *:8000-8100/tcp, but python3 (pid 4711) has 127.0.0.1:8080/tcp"]),
        (IDLE, "7000:80", ["shop wants *:7000/tcp, but app (pid 12) has 0.0.0.0:7000/tcp"]),
        (DUAL, "9000:80", ["shop wants *:9000/tcp, but java (pid 13) has *:9000/tcp"]),
        (DUAL, "0.0.0.0:9000:80", ["shop wants 0.0.0.0:9000/tcp, but java (pid 13) has 0.0.0.0:9000/tcp"]),
        (SIX, "9000:80", ["shop wants *:9000/tcp, but java (pid 13) has [::]:9000/tcp"]),
        (SIX, "0.0.0.0:9000:80", []),
        (
            KERNELS_OWN,
            "51820:80/udp",
            ["shop wants *:51820/udp, but a socket of no process on this host has 0.0.0.0:51820/udp"],
        ),
    ],
)
def test_explain(socket, publish, expected):
    assert summaries(judge(host(sockets=(socket,)), publish, process)) == expected


def test_leaves_a_unit_to_its_own_cause():
    assert judge(host(sockets=(NGINX,)), "80:80", process).findings[0].cause == "unexplained"


@pytest.mark.parametrize("uid, who", [(33, "a process of uid 33"), (0, "a process of uid 0"), (None, "a process")])
def test_an_owner_that_this_user_may_not_see_is_named_as_such(uid, who):
    blind = Blind(
        "sockets", "their processes belong to others", "gather with become", "owners of 1 socket", hides=False
    )

    found = judge(host(sockets=(replace(HIDDEN, uid=uid),), blind=(blind,)), "111:111", process)

    assert summaries(found) == [f"shop wants *:111/tcp, but {who} that this user may not see has 0.0.0.0:111/tcp"]
    assert remedies(found) == [["move_want"]]


def test_offers_to_stop_the_very_process():
    remedy = judge(host(sockets=(PYTHON,)), "8080:80", process).findings[0].remedies[1]

    assert (remedy.id, remedy.disrupts) == ("stop_process", "python3 (pid 4711) ends")
    assert remedy.params == {"pid": 4711, "started": 9.0, "command": "python3"}


def test_says_what_it_could_not_see():
    evidence = replace(
        host(), sockets=None, blind=(Blind("sockets", "netlink: permission denied", "gather with become"),)
    )

    found = judge(evidence, "80:80", process)

    assert (found.findings, verdicts(found)) == ((), ["unknown"])
    assert found.unjudged == {"process": "sockets: netlink: permission denied; gather with become"}


def test_a_bind_that_succeeded_needs_no_sockets():
    binds = (Bind("0.0.0.0", "tcp", 80), Bind("::", "tcp", 80))

    assert verdicts(judge(replace(host(), sockets=None, binds=binds), "80:80", process)) == ["free"]


def test_half_of_the_binds_do_not_settle_it():
    assert verdicts(judge(replace(host(), sockets=None, binds=(Bind("0.0.0.0", "tcp", 80),)), "80:80", process)) == [
        "unknown"
    ]


def test_on_a_mac_people_end_it_and_launchd_would_start_its_job_again():
    mac = Platform(system="Darwin")
    job = replace(PYTHON, command="mysqld", label="homebrew.mxcl.mysql")

    loose, kept = (judge(host(platform=mac, sockets=(one,)), "8080:80", process).findings[0] for one in (PYTHON, job))

    assert [(one.id, one.summary) for one in loose.remedies[1:]] == [("end_process", "end python3 (pid 4711)")]
    assert [(one.id, one.summary) for one in kept.remedies[1:]] == [
        ("unload_job", "unload launchd's job homebrew.mxcl.mysql (launchctl bootout)")
    ]
    assert kept.summary == (
        "shop wants *:8080/tcp, but mysqld of launchd's job homebrew.mxcl.mysql (pid 4711) has 127.0.0.1:8080/tcp"
    )


def test_nobody_is_told_to_end_launchd():
    ssh = Socket("::", "tcp", 22, pid=1, started=1.0, command="launchd")

    found = judge(host(platform=Platform(system="Darwin"), sockets=(ssh,)), "22:22", process).findings[0]

    assert found.summary == "shop wants *:22/tcp, but launchd, on behalf of a job, (pid 1) has *:22/tcp"
    assert [(one.id, one.disrupts) for one in found.remedies] == [("move_want", ""), ("unload_job", "")]
