# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports that a real engine keeps for endpoints without a container: what is said of them, and what lets go of them.

An engine that is killed between two of its records leaves one of three kinds, by what a start finds of an endpoint:

listed     its network lists it, and it can be cut off
passing    the start removes its record, and not its port: gone at the next one
lasting    only the bridge driver has its record: back at every start, gone with its network
"""

from __future__ import annotations

import shutil
import subprocess

import pytest

from ansible_collections.dockmaster.ports.tests.integration.support import bolt
from ansible_collections.dockmaster.ports.tests.integration.support.controller import Controller, Failed
from ansible_collections.dockmaster.ports.tests.integration.support.engine import IMAGE, Engine, Refused, missing

pytestmark = pytest.mark.skipif(bool(missing()), reason=f"an engine of its own needs {missing()}")

RUN = ("run", "--detach", "--stop-signal", "KILL")
WANTED = (*RUN, "--name", "wanted", "--network", "shop", "-p", "8080:80", IMAGE, "sleep", "600")
SAID = "an endpoint of the engine without a container has 0.0.0.0:8080/tcp (for {}:80)"
HELD = "the engine has 0.0.0.0:8080/tcp, [::]:8080/tcp for {}, and no network lists it: restart the engine"
ANEW = "if it comes back at each start, remove network shop and make it anew"


class Haunted:
    """An engine with network shop and container other on it, and a ghost where container web was. ip: the ghost's."""

    def __init__(self, engine, folder):
        self.engine = engine
        self.records = engine.folder / "data/network/files/local-kv.db"
        engine.docker("network", "create", "shop")
        for name, port in (("other", 9090), ("web", 8080)):
            engine.docker(*RUN, "--name", name, "--network", "shop", "-p", f"{port}:80", IMAGE, "sleep", "600")
        (self.web,) = engine.inspect("web")
        self.ip = self.web["NetworkSettings"]["Networks"]["shop"]["IPAddress"]
        self.controller = Controller(engine, folder)

    def go_back(self, *records):
        """Start with the records of the moment in which web ran, without some of those about it: its crash."""
        networks = self.web["NetworkSettings"]
        own = (networks["SandboxID"], networks["Networks"]["shop"]["EndpointID"])
        kept = self.engine.folder / "kept.db"
        shutil.copy(self.records, kept)
        self.engine.docker("rm", "--force", "web")
        self.engine.stop()
        gone = bolt.drop(
            kept, lambda key: key.split("/")[-2:-1] in [[one] for one in own] and key.split("/")[3] in records
        )
        assert {key.split("/")[3] for key in gone} == set(records)
        shutil.copy(kept, self.records)
        self.engine.start()

    def lose_web(self):
        """Start without web, while container none has its sandbox: live-restore lets go of no sandbox in use."""
        self.engine.docker(*RUN, "--name", "none", "--network", "none", IMAGE, "sleep", "600")
        (none,) = self.engine.inspect("none")
        self.engine.stop()
        containers = self.engine.folder / "data/containers"
        shutil.rmtree(containers / self.web["Id"])
        config = containers / none["Id"] / "config.v2.json"
        sandboxes = [one["NetworkSettings"]["SandboxID"] for one in (none, self.web)]
        config.write_text(config.read_text().replace(*sandboxes))
        self.engine.start()

    def refusal(self):
        """What the engine says of a container that wants the port; empty if it starts."""
        try:
            self.engine.docker(*WANTED)
        except Refused as exc:
            return str(exc)
        finally:
            self.engine.docker("rm", "--force", "wanted")
        return ""

    def check(self):
        arguments = {"publish": ["0.0.0.0:8080:80/tcp"], "fail_on": "never"}
        task = {"dockmaster.ports.port_check": arguments, "register": "done"}
        return self.controller.play([task])["findings"]

    def cut_off(self, *options):
        arguments = {"kind": "endpoint", "state": "absent", "address": self.ip}
        return self.controller.play([{"dockmaster.ports.port_holder": arguments, "register": "done"}], *options)

    def orphan_rules(self):
        task = {"dockmaster.ports.docker_orphan_rules": {"pause": 0}, "register": "done"}
        return self.controller.play([task])["removed"]

    def others(self):
        """All that is not the ghost's: who runs since when, who is on the network, who listens, what is routed."""
        shown = "iptables-save | grep -v '^[#:]'; ss -tlnpH"
        printed = subprocess.run(self.engine.inside("sh", "-c", shown), capture_output=True, text=True, check=True)
        running = {one["Name"]: one["State"]["StartedAt"] for one in self.engine.inspect()}
        mine = (self.ip, ":8080 ")
        lines = sorted(line for line in printed.stdout.splitlines() if not any(word in line for word in mine))
        return running, self.engine.docker("network", "ls"), lines


@pytest.fixture
def haunted(tmp_path):
    with Engine(tmp_path / "engine", config={"live-restore": True}) as engine:
        yield Haunted(engine, tmp_path / "controller")


@pytest.fixture
def ruleless(tmp_path):
    with Engine(tmp_path / "engine", config={"live-restore": True, "iptables": False}) as engine:
        yield Haunted(engine, tmp_path / "controller")


def remedies(finding):
    return [one["id"] for one in finding["remedies"]]


def test_listed(haunted):
    haunted.lose_web()
    assert "Bind for 0.0.0.0:8080 failed: port is already allocated" in haunted.refusal()
    (found,) = haunted.check()
    assert found["cause"] == "ghost_endpoint"
    assert found["summary"].endswith(SAID.format(haunted.ip))
    assert remedies(found) == ["move_want", "remove_endpoint", "restart_engine"]
    assert found["remedies"][1]["params"] == {"address": haunted.ip}
    before = haunted.others()

    would = haunted.cut_off("--check", "--diff")
    assert "already allocated" in haunted.refusal()
    did = haunted.cut_off("--diff")

    assert (would["changed"], would["diff"], would["holder"]) == (True, did["diff"], did["holder"])
    assert (did["changed"], did["found"], did["holder"]) == (True, True, "endpoint web of network shop")
    assert haunted.others() == before
    assert haunted.refusal() == ""
    assert haunted.check() == []
    again = haunted.cut_off()
    assert (again["changed"], again["found"]) == (False, False)


def test_a_namesake_keeps_its_network(haunted):
    """The engine would cut the container off, and leave the endpoint."""
    haunted.lose_web()
    haunted.engine.docker("create", "--name", "web", "--network", "shop", "-p", "8080:80", IMAGE, "sleep", "600")
    with pytest.raises(Refused, match="endpoint with name web already exists in network shop"):
        haunted.engine.docker("start", "web")

    with pytest.raises(Failed) as refused:
        haunted.cut_off()

    assert str(refused.value) == (
        "the engine would cut container web off network shop instead of the endpoint web:"
        " restart the engine, or rename that container until the endpoint is cut off"
    )
    (web,) = haunted.engine.inspect("web")
    assert list(web["NetworkSettings"]["Networks"]) == ["shop"]
    haunted.engine.docker("rename", "web", "waits")
    assert haunted.cut_off()["changed"] is True
    haunted.engine.docker("rename", "waits", "web")
    haunted.engine.docker("start", "web")


@pytest.mark.parametrize("kind, records", [("passing", ["sandbox"]), ("lasting", ["endpoint"])])
def test_not_listed(haunted, kind, records):
    """Cutting it off is not possible, and nobody says it was done."""
    haunted.go_back(*records)
    assert "Bind for 0.0.0.0:8080 failed: port is already allocated" in haunted.refusal()
    (found,) = haunted.check()
    assert found["cause"] == "ghost_endpoint"
    assert found["summary"].endswith(SAID.format(haunted.ip))
    assert remedies(found) == ["move_want", "restart_engine", "remake_network"]
    assert found["remedies"][2]["summary"] == ANEW
    before = haunted.others()
    for option in ("--check", "--diff"):
        with pytest.raises(Failed) as refused:
            haunted.cut_off(option)
        assert str(refused.value) == f"{HELD.format(haunted.ip)}; {ANEW}"
    assert haunted.orphan_rules() == []
    assert haunted.check() == [found]
    assert haunted.others() == before

    haunted.engine.stop()
    haunted.engine.start()

    comes_back = kind == "lasting"
    assert ("already allocated" in haunted.refusal(), len(haunted.check())) == (comes_back, int(comes_back))
    if comes_back:
        haunted.engine.docker("rm", "--force", "other")
        haunted.engine.docker("network", "rm", "shop")
        haunted.engine.docker("network", "create", "shop")
    assert (haunted.refusal(), haunted.check()) == ("", [])


def test_its_proxy_is_not_ended(ruleless):
    """Where the engine writes no rules. Once its proxy has ended, the port only looks free."""
    ruleless.go_back("endpoint")
    (found,) = ruleless.check()
    assert (found["cause"], remedies(found)) == ("orphan_proxy", ["move_want", "stop_process", "restart_engine"])
    pid, started = found["holder"]["pid"], found["holder"]["started"]
    task = {"dockmaster.ports.port_holder": {"kind": "process", "pid": pid, "started": started}, "register": "done"}

    with pytest.raises(Failed) as refused:
        ruleless.controller.play([task])

    assert str(refused.value) == (
        f"process {pid} is docker-proxy, and the engine that started it still runs and may go on to refuse its port:"
        " restart the engine"
    )
    assert ruleless.check() == [found]
    assert "already allocated" in ruleless.refusal()
