# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows hosts as playbooks meet them: port_facts, port_check and the audit, on a double of a Windows host."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("winrm", reason="the connection plugin winrm needs pywinrm")

from ansible_collections.dockmaster.ports.tests.integration.windows.double import WAYS, Double
from ansible_collections.dockmaster.ports.tests.integration.windows.words import PAGES

LOOKS = (
    "netsh interface ipv4 show", "netsh interface ipv6 show", "netsh interface portproxy dump", "netstat", "tasklist",
    "docker context inspect", "docker info", "docker container ls", "docker container inspect",
)  # fmt: skip


def socket(port, pid, state="listening", ip="0.0.0.0", protocol="tcp", peer=""):
    return {"ip": ip, "protocol": protocol, "port": port, "pid": pid, "state": state, "peer": peer}


def process(pid, name, *services):
    return {"pid": pid, "name": name, "services": list(services)}


WEB = {"name": "web", "state": "running", "ports": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8081"}]},
       "env": ["PASSWORD=hunter2"]}  # fmt: skip
OLD = {"name": "old", "state": "exited", "ports": {"80/tcp": [{"HostIp": "", "HostPort": "9090"}]}}
BUSY = {
    "sockets": [
        socket(80, 4), socket(80, 4, ip="::"), socket(8443, 7312), socket(8081, 9000), socket(3389, 1012),
        socket(2222, 2210), socket(7000, 7312, "bound"),
        socket(7100, 7312, "established", "192.0.2.7", peer="192.0.2.9:1"),
        socket(7200, 0, "time_wait", "192.0.2.7", peer="192.0.2.9:1"), socket(53, 7312, "udp", protocol="udp"),
        socket(8090, 9000),
    ],
    "processes": [
        process(0, "System Idle Process"), process(4, "System"), process(1012, "svchost.exe", "TermService"),
        process(2210, "svchost.exe", "iphlpsvc"), process(7312, "nginx.exe"), process(9000, "com.docker.backend.exe"),
    ],
    "portproxy": [{"family": "v4tov4", "listen": "", "port": 2222, "to": "172.20.1.5", "to_port": 22}],
    "docker": {"version": "28.5.2", "containers": [WEB, OLD]},
    "excluded": {
        "tcp": {"active": [[8037, 8080, "winnat"], [9100, 9109, "administrator"]], "persistent": [[9100, 9109]]},
    },
}  # fmt: skip

VERDICTS = {
    "4000:80": ("free", ""),
    "80:80": ("blocked", "HTTP.sys (pid 4) has *:80/tcp (`netsh http show servicestate` names whom it serves)"),
    "8443:80": ("blocked", "nginx.exe (pid 7312) has 0.0.0.0:8443/tcp"),
    "3389:80": ("blocked", "Windows service TermService (pid 1012) has 0.0.0.0:3389/tcp"),
    "2222:22": ("blocked", "Windows service iphlpsvc (pid 2210) has 0.0.0.0:2222/tcp, for a port proxy to "
                           "172.20.1.5:22"),
    "7000:80": ("blocked", "nginx.exe (pid 7312) has 0.0.0.0:7000/tcp"),
    "7200:80": ("free", ""),
    "53:53/udp": ("blocked", "nginx.exe (pid 7312) has 0.0.0.0:53/udp"),
    "8040:80": ("blocked", "*:8040/tcp is in Windows' excluded range 8037-8080, which refuses every bind"),
    "9100:80": ("free", ""),
    "8081:80": ("blocked", "container web has 0.0.0.0:8081/tcp"),
    "8090:80": ("blocked", "Docker Desktop's com.docker.backend.exe (pid 9000) has 0.0.0.0:8090/tcp, and no container "
                           "publishes it"),
    "9090:80": ("at_risk", "exited container old will want *:9090/tcp when it starts"),
    "50000:80": ("at_risk", "the kernel may give *:50000/tcp to any outgoing connection first"),
    "203.0.113.9:4001:80": ("blocked", "this host does not have the address 203.0.113.9"),
}  # fmt: skip


def check(*publish, **arguments):
    return {"name": "check", "dockmaster.ports.port_check": {"publish": list(publish), "fail_on": "never", **arguments}}


def said(want):
    return want["verdict"], "; ".join(one["summary"].partition(", but ")[2] for one in want["findings"])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("options", [(), ("--check", "--diff")], ids=["run", "check"])
def test_who_has_which_port(tmp_path, way, options):
    with Double(tmp_path, way).up(**BUSY) as windows:
        before = windows.state.read()
        ran = windows.play(check(*VERDICTS), options=options)
        calls = windows.calls()

        assert ran.rc == 0, ran.printed
        assert {want["publish"]: said(want) for want in ran.results["check"]["wants"]} == VERDICTS
        assert ran.results["check"]["unjudged"] == {}
        assert not ran.results["check"]["changed"]
        assert all(call.startswith(LOOKS) for call in calls), calls
        assert len(calls) == len(set(calls)), "each is run once"
        assert windows.state.read() == {**before, "calls": []}


@pytest.mark.parametrize("language", PAGES)
def test_the_same_facts_in_every_language(tmp_path, language):
    with Double(tmp_path).up(**BUSY, language=language, page=PAGES[language]) as windows:
        ran = windows.play({"name": "gather", "dockmaster.ports.port_facts": {"focus": ["7100"]}})

    facts = ran.results["gather"]["ansible_facts"]["ports"]
    assert [one for one in facts["blind"] if one["hides"]] == []
    assert facts["platform"]["system"] == "Windows"
    assert [(one["port"], one["command"]) for one in facts["clients"]] == [(7100, "nginx.exe")]
    assert {
        (one["first"], one["last"], one["administered"]) for one in facts["exclusions"] if one["protocol"] == "tcp"
    } == {
        (8037, 8080, False),
        (9100, 9109, True),
    }
    assert {one["name"]: one["state"] for one in facts["containers"]} == {"web": "running", "old": "exited"}
    assert "hunter2" not in json.dumps(facts)


def test_facts_and_a_diagnosis_of_them_agree_with_a_check(tmp_path):
    with Double(tmp_path).up(**BUSY) as windows:
        ran = windows.play(
            {"name": "gather", "dockmaster.ports.port_facts": {"focus": ["1-65535"], "compatible_view": True}},
            {"name": "judge", "ansible.builtin.debug": {
                "msg": "{{ ansible_facts['ports'] | dockmaster.ports.diagnose(publish) }}"}, "vars": {
                "publish": list(VERDICTS)}},
        )  # fmt: skip

    judged = {want["publish"]: said(want) for want in ran.results["judge"]["msg"]["wants"]}
    assert judged == VERDICTS
    listening = ran.results["gather"]["ansible_facts"]["tcp_listen"]
    assert ("nginx.exe", 8443) in {(one["name"], one["port"]) for one in listening}


UNSEEN = [
    ({"docker": {"version": "", "containers": [], "refuses": "error during connect: Zugriff verweigert"}},
     "publications: docker info --format"),
    ({"fail": {"netstat -anoq": {"code": 1, "out": "netstat [-a] [-n]"}}},
     "TCP sockets that are bound and do not listen: netstat -anoq: netstat [-a] [-n]"),
    ({"fail": {"netsh interface ipv6 show excludedportrange protocol=tcp": {"code": 0, "out": ""}}},
     "exclusions: netsh interface ipv6 show excludedportrange protocol=tcp printed nothing"),
    ({"fail": {"netstat -ano": {"code": 0, "out": ""}}}, "sockets: netstat -ano printed nothing"),
]  # fmt: skip


@pytest.mark.parametrize("state, why", UNSEEN, ids=["docker", "netstat -q", "netsh", "netstat"])
def test_what_was_not_seen_is_never_an_all_clear(tmp_path, state, why):
    with Double(tmp_path).up(**{**BUSY, **state}) as windows:
        ran = windows.play(check("4000:80", fail_on="unknown"))

    assert ran.rc == 2
    assert [want["verdict"] for want in ran.results["check"]["wants"]] == ["unknown"]
    assert any(reason.startswith(why) for reason in ran.results["check"]["unjudged"].values())


def test_a_task_fails_with_one_sentence_and_suggests_another_port(tmp_path):
    with Double(tmp_path).up(**BUSY) as windows:
        ran = windows.play(check("8443:80", by="shop/web", fail_on="blocked", suggest="8440-8450"))

    assert ran.rc == 2
    assert ran.results["check"]["msg"] == (
        "shop/web wants *:8443/tcp, but nginx.exe (pid 7312) has 0.0.0.0:8443/tcp (8444:80 is free)"
    )


OPTIONS = [
    ({"docker_host": "unix:///var/run/docker.sock"}, {},
     "docker_host: 'unix:///var/run/docker.sock' is nothing that a Windows host has: expected npipe://, tcp://, ssh://"),
    ({"client_cert": "/x"}, {},
     "client_cert cannot be applied on a Windows host: make a docker context of it there, and name it as "
     "DOCKER_CONTEXT in the task's environment"),
    ({"timeout": 0}, {}, "timeout: 0 is not a number of seconds: expected more than 0, such as 10"),
    ({"fail_on": "no"}, {},
     "value of fail_on must be one of: never, blocked, diverted, at_risk, unknown, got: no"),
    ({"project_dir": "C:\\shop", "remote_src": True}, {},
     "remote_src: the files of a Windows host cannot be read; name files of the controller"),
    ({}, {"async": 10, "poll": 1},
     "async: for a Windows host dockmaster.ports.port_check runs on the controller, and waits"),
]  # fmt: skip


def test_options_that_cannot_apply_are_refused(tmp_path):
    tasks = [
        {**check("4000:80", **options), **words, "name": f"option {i}", "ignore_errors": True}
        for i, (options, words, _msg) in enumerate(OPTIONS)
    ]
    with Double(tmp_path).up(**BUSY) as windows:
        ran = windows.play(*tasks)
        calls = windows.calls()

    assert [ran.results[f"option {i}"]["msg"] for i in range(len(OPTIONS))] == [msg for *_rest, msg in OPTIONS]
    assert calls == []


def test_a_compose_project_of_the_controller(tmp_path):
    (tmp_path / "compose.yaml").write_text("services: {web: {image: nginx, ports: ['8443:80']}}", encoding="utf-8")
    task = {"name": "check", "dockmaster.ports.port_check": {"project_dir": str(tmp_path), "fail_on": "never"}}

    with Double(tmp_path).up(**BUSY) as windows:
        ran = windows.play(task)

    assert [want["verdict"] for want in ran.results["check"]["wants"]] == ["blocked"]


def test_the_engine_is_that_of_the_tasks_environment(tmp_path):
    task = {**check("4000:80", docker_host="npipe:////./pipe/other"), "environment": {"WINDOWS_DOUBLE": "1"}}

    with Double(tmp_path).up(**BUSY) as windows:
        windows.play(task)
        calls = windows.calls()

    assert any(call.startswith("docker --host npipe:////./pipe/other info") for call in calls), calls


def test_a_connection_that_is_lost_is_no_answer(tmp_path):
    with Double(tmp_path).up(**BUSY, lose_after=1) as windows:
        ran = windows.play(check("4000:80"))

    assert ran.rc == 4, ran.printed
    assert "wants" not in ran.results["check"]


def test_the_audit_prints_windows_hosts_like_any_other(tmp_path):
    stuck = {**OLD, "ports": {"80/tcp": [{"HostIp": "", "HostPort": "8443"}]}}
    with Double(tmp_path).up(**{**BUSY, "docker": {"version": "28.5.2", "containers": [WEB, stuck]}}) as windows:
        ran = windows.playbook(Path("dockmaster.ports.audit"), ["-e", f"audit_report_dir={tmp_path}/reports"])

    assert ran.rc == 0, ran.printed
    printed = ran.printed[ran.printed.index("win Docker") : ran.printed.index("Report: ")].splitlines()
    assert printed == [
        "win Docker 28.5.2, 7 listeners, 1 published port",
        "  BLOCKED   old wants *:8443/tcp, but nginx.exe (pid 7312) has 0.0.0.0:8443/tcp",
        "            next: publish on another host port (8444 is free), or: end nginx.exe (pid 7312)",
        "  OPEN      8081/tcp (web) answers from every address",
        "fleet 1 host: 1 with findings (1 blocked, 1 open). ",
    ]


def test_the_preflight_refuses_what_windows_would_refuse(tmp_path):
    wanted = json.dumps({"preflight_publish": ["8040:80", "4000:80"], "preflight_by": "shop/web"})
    with Double(tmp_path).up(**BUSY) as windows:
        ran = windows.playbook(Path("dockmaster.ports.preflight"), ["-e", wanted])

    assert ran.rc == 2, ran.printed
    assert (
        "shop/web wants *:8040/tcp, but *:8040/tcp is in Windows' excluded range 8037-8080, which refuses every bind"
        in ran.printed
    )
