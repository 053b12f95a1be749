# SPDX-License-Identifier: GPL-3.0-or-later
"""What a dockerd's command line and its file say of the engine."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_daemon import (
    Daemon,
    engine_of,
    hosts,
    switch,
    values,
)
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.engine_words import Made, MadeHost

USUAL = "unix:///var/run/docker.sock"
FILE = "/etc/docker/daemon.json"

WORDS = [
    # a command line                      one flag      what it was given
    (["--ip=10.0.0.1"], "--ip", ["10.0.0.1"]),
    (["--ip", "10.0.0.1", "--debug"], "--ip", ["10.0.0.1"]),
    (["-H", "unix:///a", "-Hunix:///b", "-H=unix:///c", "--host=unix:///d"], "--host", [f"unix:///{c}" for c in "abcd"]),
    (["--host"], "--host", [""]),
    (["--ip6tables=false"], "--ip", []),
    ([], "--ip", []),
]  # fmt: skip


@pytest.mark.parametrize("arguments, flag, expected", WORDS)
def test_values(arguments: t.List[str], flag: str, expected: t.List[str]) -> None:
    assert values(arguments, flag) == expected


@pytest.mark.parametrize(
    "arguments, expected",
    [
        ([], None),
        *(([f"--iptables={word}"], True) for word in ("1", "t", "T", "TRUE", "true", "True")),
        *(([f"--iptables={word}"], False) for word in ("0", "f", "F", "FALSE", "false", "False")),
        (["--iptables"], True),
        (["--iptables=true"], True),
        (["--iptables=0"], False),
        (["--iptables=F"], False),
        (["--iptables", "--iptables=false"], False),  # the last one counts
        (["--iptables=maybe"], None),
        (["--ip6tables=false", "--iptables-x"], None),
    ],
)
def test_switches(arguments: t.List[str], expected: t.Optional[bool]) -> None:
    assert switch(arguments, "--iptables") is expected


SAID = [
    # arguments                             daemon.json                               what the engine is
    ([], None, {}),
    ([], '{"userland-proxy": false}', {"userland_proxy": False}),
    (["--userland-proxy=false"], "{}", {"userland_proxy": False}),
    ([], '{"iptables": false, "ip6tables": true}', {"iptables": False, "ip6tables": True}),
    ([], '{"ip": "127.0.0.1"}', {"default_ip": "127.0.0.1"}),
    (["--ip", "10.0.0.1"], "{}", {"default_ip": "10.0.0.1"}),
    ([], '{"live-restore": true}', {"live_restore": True}),
    ([], '{"userland-proxy": "no", "iptables": null, "ip": 7, "live-restore": "yes"}', {}),
    ([], '{"userland-proxy": false', {}),  # a file that an engine would not start with
    ([], "[]", {}),
    (["--config-file=/srv/d.json"], None, {"config_file": "/srv/d.json"}),
    (["--ip=\udcff"], None, {"default_ip": "\\xff"}),
]  # fmt: skip


@pytest.mark.parametrize("arguments, file, expected", SAID)
def test_what_it_says(arguments: t.List[str], file: t.Optional[str], expected: t.Dict[str, t.Any]) -> None:
    host = MadeHost(Made(1, "systemd"), files={FILE: file} if file else {})
    engine = engine_of(host, Daemon(70, arguments=tuple(arguments)), USUAL)
    known = {**vars(engine_of(MadeHost(), Daemon(70), USUAL)), **expected}
    assert vars(engine) == known


def test_where_it_runs() -> None:
    cgroup = "/system.slice/docker.service"
    host = MadeHost(Made(1, "systemd", cgroup="/init.scope"), Made(70, "dockerd", cgroup=cgroup))
    engine = engine_of(host, Daemon(70, namespace="net:[1]"), USUAL)
    assert (engine.pid, engine.unit, engine.namespace, engine.config_file) == (70, "docker.service", "net:[1]", FILE)


def test_one_in_a_container_reads_its_own_file() -> None:
    host = MadeHost(files={f"/proc/70/root{FILE}": '{"ip": "127.0.0.1"}', FILE: "{}"})
    engine = engine_of(host, Daemon(70, root="/proc/70/root"), USUAL)
    assert (engine.default_ip, engine.config_file) == ("127.0.0.1", FILE)


PASSWD = "root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nbroken\n"
DRIVERS = [
    (("--net=slirp4netns", "--port-driver=builtin", "dockerd-rootless.sh"), "builtin"),
    (("--port-driver", "slirp4netns", "dockerd-rootless.sh"), "slirp4netns"),
    (("dockerd-rootless.sh",), "none"),
]


@pytest.mark.parametrize("arguments, driver", DRIVERS)
def test_a_rootless_one(arguments: t.Tuple[str, ...], driver: str) -> None:
    kit = Made(400, "rootlesskit", arguments=arguments)
    files = {"/etc/passwd": PASSWD, "/home/ann/.config/docker/daemon.json": '{"ip": "127.0.0.1"}', FILE: '{"ip": "::"}'}
    host = MadeHost(kit, files=files)
    engine = engine_of(host, Daemon(410, kit=400, user=1000), USUAL)
    assert (engine.rootless, engine.port_driver, engine.default_ip) == (True, driver, "127.0.0.1")
    assert engine.config_file == "/home/ann/.config/docker/daemon.json"


def test_a_rootless_one_of_a_user_without_a_home() -> None:
    assert engine_of(MadeHost(), Daemon(410, kit=400, user=1001), USUAL).config_file == ""


TOLD = [
    ([], None, [USUAL]),
    (["-H", "fd://"], None, [USUAL]),
    (["-H", "unix://"], None, [USUAL]),
    (["-H", "unix:///a", "-H", "tcp://0.0.0.0:1"], None, ["unix:///a", "tcp://0.0.0.0:1"]),
    ([], '{"hosts": ["tcp://0.0.0.0:1", 7]}', ["tcp://0.0.0.0:1"]),
    ([], '{"hosts": "unix:///a"}', [USUAL]),
]


@pytest.mark.parametrize("arguments, file, expected", TOLD)
def test_where_it_was_told_to_listen(arguments: t.List[str], file: t.Optional[str], expected: t.List[str]) -> None:
    host = MadeHost(files={FILE: file} if file else {})
    assert hosts(host, Daemon(70, arguments=tuple(arguments))) == expected


def test_where_a_rootless_one_listens() -> None:
    assert hosts(MadeHost(), Daemon(410, kit=400, user=1000)) == ["unix:///run/user/1000/docker.sock"]
