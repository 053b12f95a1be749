# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import engine
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.engine import Engine
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.system import FirewallError, Process
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._firewall.fake_system import FakeSystem

CONFIG = "/etc/docker/daemon.json"
FOUND = [
    # flags, daemon.json, iptables, backend
    ("", None, True, "iptables"),
    ("", "", True, "iptables"),
    ("", '{"iptables": false}', False, "iptables"),
    ("", '{"iptables": true}', True, "iptables"),
    ("--iptables=false", None, False, "iptables"),
    ("--iptables=0", None, False, "iptables"),
    ("--iptables", '{"iptables": false}', True, "iptables"),
    ("--iptables -H fd://", None, True, "iptables"),
    ("", '{"firewall-backend": "nftables"}', True, "nftables"),
    ("--firewall-backend nftables", None, True, "nftables"),
    ("--firewall-backend=nftables", None, True, "nftables"),
    ("--firewall-backend=iptables", "{}", True, "iptables"),
    ("", "[]", True, "iptables"),
]


@pytest.mark.parametrize("flags, config, iptables, backend", FOUND)
def test_find(flags, config, iptables, backend):
    daemon = Process(812, "dockerd", ("/usr/bin/dockerd", *flags.split()), "/proc/812/root")
    system = FakeSystem(files={} if config is None else {f"/proc/812/root{CONFIG}": config})

    assert engine.find(system, [daemon]) == Engine(812, iptables, backend, CONFIG)


def test_the_file_is_the_one_the_daemon_was_given():
    daemon = Process(7, "dockerd", ("dockerd", "--config-file", "/snap/daemon.json"), "/proc/7/root")
    system = FakeSystem(files={"/proc/7/root/snap/daemon.json": '{"iptables": false}'})

    found = engine.find(system, [daemon])

    assert found.refusal == (
        "the engine (dockerd, pid 7) runs with iptables: false (/snap/daemon.json or its command line): it turns no connection "
        "to a container and keeps no DOCKER-USER chain, so there is nothing for a policy to hang on; nothing was changed"
    )


def test_of_several_engines_one_that_writes_rules_counts():
    daemons = [Process(pid, "dockerd", ("dockerd",), f"/proc/{pid}/root") for pid in (9, 7, 8)]
    system = FakeSystem(files={f"/proc/7/root{CONFIG}": '{"iptables": false}'})

    assert engine.find(system, daemons) == Engine(8, True, "iptables", CONFIG)
    assert engine.find(system, daemons[1:2]) == Engine(7, False, "iptables", CONFIG)


def test_where_no_engine_runs_its_file_tells():
    system = FakeSystem(files={CONFIG: '{"firewall-backend": "nftables"}'})

    assert engine.find(system, []) == Engine(None, True, "nftables", CONFIG)
    assert Engine().refusal == ""
    assert Engine(iptables=False).refusal.startswith(
        "the engine (not running) is to start with iptables: false (/etc/docker/daemon.json): it turns no connection "
    )


def test_a_file_that_is_not_json_is_an_error():
    system = FakeSystem(files={CONFIG: "{"})
    with pytest.raises(FirewallError, match=f"^{re.escape(CONFIG)} is not JSON: Expecting property name"):
        engine.find(system, [])
