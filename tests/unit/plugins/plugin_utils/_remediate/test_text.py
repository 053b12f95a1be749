# SPDX-License-Identifier: GPL-3.0-or-later
"""What people read of a plan and of what became of it."""

from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.plugin_utils._remediate.text import (
    HostRecord,
    Row,
    fleet,
    headline,
    record_of,
    table,
)


def step(status, **fields):
    return {
        "remedy": "stop_unit", "summary": "stop and disable nginx.service", "disrupts": "nginx.service stops",
        "why": ["shop/web wants *:443/tcp, but nginx.service (pid 812) has *:443/tcp"], "told": [], "note": "",
        "status": status, **fields,
    }  # fmt: skip


LEFT = {
    "summary": "blog/app wants *:80/tcp, but caddy.service has *:80/tcp",
    "why": "stop_unit is not in remediate_allow",
}


def test_the_plan_of_a_host():
    restart = step(
        "planned", remedy="restart_engine", summary="restart the engine", why=["a", "b"], disrupts="its containers",
        told=["web stops"],
    )  # fmt: skip
    gentle = step("planned", remedy="remove_orphan_rules", summary="remove that very rule", disrupts="")

    assert table(record_of("web-01", {"steps": [gentle, step("planned"), restart], "left": [LEFT], "failed": ""})) == [
        "web-01 1 left, 3 planned",
        "  PLAN      remove_orphan_rules: remove that very rule",
        "            why: shop/web wants *:443/tcp, but nginx.service (pid 812) has *:443/tcp",
        "            disrupts: nothing",
        "  PLAN      stop_unit: stop and disable nginx.service",
        "            why: shop/web wants *:443/tcp, but nginx.service (pid 812) has *:443/tcp",
        "            disrupts: nginx.service stops",
        "  PLAN      restart_engine: restart the engine",
        "            why: a",
        "            why: b",
        "            disrupts: its containers",
        "            in detail: web stops",
        "  LEFT      blog/app wants *:80/tcp, but caddy.service has *:80/tcp",
        "            why: stop_unit is not in remediate_allow",
    ]


NOTES = [
    ("done", "", "disrupts: nginx.service stops"),
    ("gone", "", "so: it was so no longer, and nothing was done"),
    ("skipped", "", "so: a remedy before it did not help"),
    ("no_help", "", "but: the remedy was taken, and it is still so"),
    ("failed", "process 812 is dockerd", "but: process 812 is dockerd"),
    ("unknown", "sockets: permission denied", "but: sockets: permission denied"),
]


@pytest.mark.parametrize("status, note, last", NOTES)
def test_what_became_of_a_step(status, note, last):
    lines = table(record_of("web-01", {"steps": [step(status, note=note)], "left": [], "failed": ""}))

    assert lines[-1].strip() == last
    assert any("disrupts" in line for line in lines) is (status not in ("gone", "skipped"))


@pytest.mark.parametrize(
    "why", ["unreachable: ssh\ntimed out", {"steps": [], "left": [], "failed": "unreachable: ssh timed out"}]
)
def test_a_host_without_a_plan(why):
    record = record_of("db-02", why)

    assert (record.status, table(record)) == ("failed", ["db-02 unreachable: ssh timed out"])


def test_a_host_with_nothing_to_do():
    record = record_of("db-02", {"steps": [], "left": [], "failed": ""})

    assert (record.status, table(record)) == ("quiet", ["db-02 nothing to do"])


FLEET = [
    HostRecord("web-01", (Row("done", "stop_unit: a"), Row("no_help", "restart_engine: b"), Row("skipped", "c"))),
    HostRecord("web-2", (Row("left", "d"),)),
    HostRecord("quiet"),
    HostRecord("away", failed="unreachable: no route"),
]


def test_all_hosts_in_one_list():
    assert fleet(FLEET) == [
        "fleet  4 hosts: 1 without a plan, 1 did not help, 1 not tried, 1 left, 1 done",
        "  FAILED    away   unreachable: no route",
        "  NO HELP   web-01 restart_engine: b",
        "  NOT TRIED web-01 c",
        "  LEFT      web-2  d",
        "  DONE      web-01 stop_unit: a",
    ]
    assert headline(FLEET[2:3]) == "1 host: nothing to do"


@pytest.mark.parametrize(
    "host, status", [(FLEET[0], "no_help"), (FLEET[1], "left"), (FLEET[2], "quiet"), (FLEET[3], "failed")]
)
def test_the_worst_of_a_host(host, status):
    assert host.status == status


def test_what_a_host_calls_itself_is_not_obeyed():
    assert table(record_of("web\x1b[2J", {"steps": [], "left": [], "failed": ""})) == ["web\\x1b[2J nothing to do"]
