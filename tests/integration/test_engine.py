# SPDX-License-Identifier: GPL-3.0-or-later
"""What is gathered of a real engine is what the engine, its client and the kernel say."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ansible_collections.dockmaster.ports.tests.integration.support.engine import IMAGE, Engine, Refused, missing

pytestmark = pytest.mark.skipif(bool(missing()), reason=f"an engine of its own needs {missing()}")

SCRIPT = str(Path(__file__).parent / "support/gather.py")
USUAL = "unix:///var/run/docker.sock"
SLEEP = ("sleep", "600")
RUN = ("run", "--detach", "--stop-signal", "KILL")
CONTAINERS = {
    "web": ("-p", "8080:80"),
    "lo": ("-p", "127.0.0.1:8081:80"),
    "v6": ("-p", "[::1]:8082:80"),
    "lan": ("-p", "192.0.2.1:8083:80", "-p", "[2001:db8::1]:8083:80"),
    "udp": ("-p", "8053:53/udp", "-p", "8053:53/tcp"),
    "range": ("-p", "9000-9099:9000-9099"),
    "same-target": ("-p", "9100:80", "-p", "9101:80"),
    "any-of": ("-p", "9200-9210:80"),
    "chosen": ("-p", "80", "-p", "81/udp"),
    "publish-all": ("-P", "--expose", "5000-5002", "--expose", "53/udp"),
    "exposed": ("--expose", "7000"),
    "hostnet": ("--network", "host", "-p", "8085:80"),
    "sidecar": ("--network", "container:web"),
    "lonely": ("--network", "none"),
    "shop-db-1": ("-p", "127.0.0.1:5432:5432", "--restart", "unless-stopped",
                  "--label", "com.docker.compose.project=shop", "--label", "com.docker.compose.service=db"),
    "own-net": ("--network", "shop", "-p", "8084:80"),
    "six": ("--network", "six", "-p", "8086:80"),
    "secret": ("-e", "PASSWORD=hunter2", "-p", "8087:80"),
}  # fmt: skip


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with Engine(tmp_path_factory.mktemp("engine")) as running:
        running.docker("network", "create", "shop")
        running.docker("network", "create", "--ipv6", "--subnet", "fd00:77::/64", "--subnet", "10.78.0.0/24", "six")
        for name, options in CONTAINERS.items():
            running.docker(*RUN, "--name", name, *options, IMAGE, *SLEEP)
        running.docker(*RUN, "--name", "paused", "-p", "8090:80", IMAGE, *SLEEP)
        running.docker("pause", "paused")
        running.docker("create", "--name", "created", "--restart", "on-failure:3", "-p", "8092:80", IMAGE, *SLEEP)
        running.docker(*RUN, "--name", "exited", "-p", "8093:80", "-p", "9300-9305:9300-9305", IMAGE, "true")
        running.docker("create", "--name", "stopped-all", "-P", "--expose", "5000-5002", IMAGE, *SLEEP)
        running.docker("create", "--name", "stopped-hostnet", "--network", "host", "-p", "8095:80", IMAGE, *SLEEP)
        running.docker("create", "--name", "conflict", "-p", "8080:80", IMAGE, *SLEEP)
        with pytest.raises(Refused, match="port is already allocated"):
            running.docker("start", "conflict")
        wait_for(lambda: states(running)["exited"] == "exited")
        wait_for(lambda: not tentative(running))
        yield running


def wait_for(condition, seconds=20.0):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.1)


def tentative(engine):
    """Addresses of bridges whose uniqueness is not settled yet: they are no addresses of the host so far."""
    return subprocess.check_output(engine.inside("ip", "-6", "address", "show", "tentative"), text=True)


def states(engine):
    return dict(line.split() for line in engine.docker("ps", "-a", "--format", "{{.Names}} {{.State}}").splitlines())


def gather(engine, docker_host="", *sections, user=0):
    """The evidence, and what engines were asked for. user: number of the one who gathers; 65534 has no rights."""
    python = ("env", f"PYTHONPATH={os.environ['PYTHONPATH']}", "PYTHONDONTWRITEBYTECODE=1", sys.executable)
    command = engine.inside(*python, SCRIPT, str(user), docker_host, *(sections or ["all"]))
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    return found["evidence"], found["calls"]


@pytest.fixture(scope="module")
def gathered(engine):
    return gather(engine)


@pytest.fixture(scope="module")
def evidence(gathered):
    return gathered[0]


def said(evidence, actual, **fields):
    """Single ports out of publications: container, address, protocol, host port, container port."""
    return {
        (one["name"], one["ip"], one["protocol"], one["first"] + n, one["target"] + n)
        for one in evidence["publications"]
        if one["actual"] is actual and one["choice"] == "all" and all(one[key] == fields[key] for key in fields)
        for n in range(one["last"] - one["first"] + 1)
    }


def is_up(document):
    return document["State"]["Status"] in ("running", "paused")


def test_running_containers_have_what_their_inspects_say(engine, evidence):
    truth = {
        (one["Name"][1:], host["HostIp"], key.split("/")[1], int(host["HostPort"]), int(key.split("/")[0]))
        for one in engine.inspect()
        if is_up(one)
        for key, hosts in one["NetworkSettings"]["Ports"].items()
        for host in hosts or ()
    }
    assert len(truth) > 200
    assert said(evidence, actual=True) == truth


def test_what_containers_have_is_what_the_engine_listens_on(engine, evidence):
    listed = subprocess.run(engine.inside("ss", "-tulnpH"), capture_output=True, text=True, check=True).stdout
    fields = [line.split() for line in listed.splitlines() if "docker-proxy" in line]
    listens = {(one[0], *one[4].replace("[", "").replace("]", "").rsplit(":", 1)) for one in fields}
    has = {(protocol, ip, str(port)) for _name, ip, protocol, port, _target in said(evidence, actual=True)}
    assert has == listens


def test_every_container_asks_for_what_its_inspect_says(engine, evidence):
    truth = set()
    for one in engine.inspect():
        if one["HostConfig"]["NetworkMode"] == "host":
            continue
        for key, hosts in one["HostConfig"]["PortBindings"].items():
            port, protocol = key.split("/")
            single = [host for host in hosts if "-" not in host["HostPort"]]
            truth |= {(one["Name"][1:], h["HostIp"], protocol, int(h["HostPort"] or 0), int(port)) for h in single}
    truth |= {("stopped-all", "", "tcp", 0, port) for port in (5000, 5001, 5002)}
    assert said(evidence, actual=False) == truth
    choices = [(one["name"], one["first"], one["last"]) for one in evidence["publications"] if one["choice"] == "any"]
    assert choices == [("any-of", 9200, 9210)]


def test_a_hundred_ports_in_a_row_are_one_publication(evidence):
    ranges = [(one["ip"], one["first"], one["last"]) for one in evidence["publications"] if one["name"] == "range"]
    assert ranges == [("0.0.0.0", 9000, 9099), ("::", 9000, 9099), ("", 9000, 9099)]


def test_containers_are_what_their_inspects_say(engine, evidence):
    found = {one["name"]: one for one in evidence["containers"]}
    documents = {one["Name"][1:]: one for one in engine.inspect()}
    assert set(found) == set(documents)
    for name, one in documents.items():
        networks = one["NetworkSettings"]["Networks"]
        addresses = [n[key] for n in networks.values() for key in ("IPAddress", "GlobalIPv6Address") if n[key]]
        assert found[name]["id"] == one["Id"]
        assert found[name]["state"] == one["State"]["Status"]
        assert found[name]["restart"] == one["HostConfig"]["RestartPolicy"]["Name"]
        assert found[name]["network_mode"] == one["HostConfig"]["NetworkMode"]
        assert found[name]["networks"] == list(networks)
        assert found[name]["addresses"] == (addresses if is_up(one) else [])
        assert found[name]["error"] == one["State"]["Error"]
    assert (found["shop-db-1"]["project"], found["shop-db-1"]["service"]) == ("shop", "db")
    assert found["conflict"]["error"].endswith("Bind for 0.0.0.0:8080 failed: port is already allocated")


def test_addresses_are_those_of_the_networks_and_their_bridges(engine, evidence):
    truth = set()
    for network in json.loads(engine.docker("network", "inspect", "bridge", "shop", "six")):
        bridge = network["Options"].get("com.docker.network.bridge.name") or f"br-{network['Id'][:12]}"
        for container, member in network["Containers"].items():
            for key in ("IPv4Address", "IPv6Address"):
                if member[key]:
                    truth.add((network["Name"], bridge, container, member["Name"], member[key].split("/")[0]))
    keys = ("network", "bridge", "container", "name", "ip")
    assert {tuple(one[key] for key in keys) for one in evidence["endpoints"]} == truth


def test_the_engine_is_what_it_says_of_itself(engine, evidence):
    (one,) = evidence["engine"]
    info = json.loads(engine.docker("info", "--format", "{{json .}}"))
    version = json.loads(engine.docker("version", "--format", "{{json .Server}}"))
    assert (one["endpoint"], one["state"], one["id"]) == (USUAL, "running", info["ID"])
    assert (one["version"], one["api_version"]) == (version["Version"], version["ApiVersion"])
    assert one["config_file"] == f"{engine.folder}/daemon.json"
    assert (one["rootless"], one["swarm"], one["userland_proxy"]) == (False, "inactive", None)


def test_two_calls_and_one_for_each_container_that_does_not_run(engine, gathered):
    _evidence, calls = gathered
    stopped = [one["Id"] for one in engine.inspect() if not is_up(one)]
    assert calls[:2] == ["/info", "/containers/json?all=1"]
    assert sorted(calls[2:]) == sorted(f"/containers/{identity}/json" for identity in stopped)


def test_nothing_is_not_seen(evidence):
    about = ("engine", "containers", "publications", "endpoints")
    assert [one for one in evidence["blind"] if one["section"] in about] == []


def test_environment_variables_are_in_nothing(evidence):
    assert "hunter2" not in json.dumps(evidence)


def test_an_orphaned_rule_brings_the_networks_in(engine):
    rule = "DOCKER -p tcp --dport 7777 ! -i docker0 -j DNAT --to-destination 172.17.0.250:80".split()
    subprocess.run(engine.inside("iptables", "-t", "nat", "-A", *rule), check=True)
    try:
        evidence, calls = gather(engine)
    finally:
        subprocess.run(engine.inside("iptables", "-t", "nat", "-D", *rule), check=True)
    assert "/networks" in calls
    bridges = {one["network"]: one["bridge"] for one in evidence["endpoints"] if not one["ip"]}
    assert bridges["bridge"] == "docker0" and set(bridges) == {"bridge", "shop", "six"}


def test_a_container_that_restarts_in_a_loop_has_nothing_between_its_attempts(engine):
    engine.docker(*RUN, "--name", "looping", "--restart", "always", "-p", "8091:80", IMAGE, "false")
    try:
        for _turn in range(20):
            evidence, _calls = gather(engine, "", "containers", "publications")
            (one,) = [one for one in evidence["containers"] if one["name"] == "looping"]
            if one["state"] == "restarting":
                break
        assert (one["restart"], one["exit_code"], one["addresses"]) == ("always", 1, [])
        told = [(p["actual"], p["first"]) for p in evidence["publications"] if p["name"] == "looping"]
        assert told == [(False, 8091)]
    finally:
        engine.docker("rm", "--force", "looping")


def test_an_endpoint_that_the_user_names_outside_of_the_usual_place(engine):
    evidence, _calls = gather(engine, engine.endpoint, "engine", "containers")
    assert [(one["endpoint"], one["state"]) for one in evidence["engine"]] == [(engine.endpoint, "running")]
    assert evidence["engine"][0]["pid"]
    assert len(evidence["containers"]) == len(engine.inspect())


def test_a_user_without_rights_sees_that_there_is_an_engine_and_what_would_let_him_see_it(engine):
    evidence, _calls = gather(engine, "", "engine", "containers", "publications", user=65534)
    (one,) = evidence["engine"]
    assert (one["state"], one["endpoint"], one["version"]) == ("running", USUAL, "")
    assert evidence["containers"] is None and evidence["publications"] is None
    told = {one["section"]: (one["why"], one["see"]) for one in evidence["blind"]}
    see = "gather with become: true, or as a user who may use the engine (group docker)"
    assert told["publications"] == (f"{USUAL}: permission denied", see)


@contextlib.contextmanager
def another(engine, folder, name, *options):
    """One more engine in the same namespaces."""
    command = engine.inside(
        "dockerd", "--data-root", f"{folder}/data", "--exec-root", f"/run/{name}", "--pidfile", f"/run/{name}.pid",
        "--config-file", f"{folder}/daemon.json", "--bridge", "none", "--iptables=false", *options,
    )  # fmt: skip
    (folder / "daemon.json").write_text("{}")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        wait_for(lambda: b"API listen on" in (folder / "log").read_bytes() or process.poll() is not None)
        assert process.poll() is None, (folder / "log").read_text()
        yield
    finally:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGTERM)
        process.wait(timeout=20)
        shutil.rmtree(folder / "data", ignore_errors=True)


def test_two_engines_are_two_even_if_they_have_one_id(engine, tmp_path):
    socket = f"unix://{tmp_path}/docker.sock"
    with another(engine, tmp_path, "second", "--host", socket):
        evidence, _calls = gather(engine, "", "engine", "containers", "publications")
    assert [(one["endpoint"], one["state"]) for one in evidence["engine"]] == [(USUAL, "running"), (socket, "running")]
    assert {one["engine"] for one in evidence["containers"]} == {USUAL}
    assert not [one for one in evidence["blind"] if one["section"] == "publications"]


def test_settings_are_those_of_the_command_line_and_of_the_file(tmp_path):
    config = {"userland-proxy": False, "ip": "127.0.0.1", "live-restore": True, "ip6tables": False}
    with Engine(tmp_path, "--iptables=true", config=config) as engine:
        engine.docker(*RUN, "--name", "web", "-p", "8080:80", IMAGE, *SLEEP)
        evidence, _calls = gather(engine)
        (one,) = evidence["engine"]
        known = ("userland_proxy", "default_ip", "live_restore", "iptables", "ip6tables")
        assert [one[key] for key in known] == [False, "127.0.0.1", True, True, False]
        assert said(evidence, actual=True) == {("web", "127.0.0.1", "tcp", 8080, 80)}
        assert said(evidence, actual=False) == {("web", "", "tcp", 8080, 80)}


def test_an_engine_that_was_killed_is_stopped_and_its_containers_are_not_guessed(tmp_path):
    with Engine(tmp_path) as engine:
        engine.docker(*RUN, "--name", "web", "-p", "8080:80", IMAGE, *SLEEP)
        engine.stop(signal.SIGKILL)
        evidence, _calls = gather(engine)
        assert [(one["endpoint"], one["state"]) for one in evidence["engine"]] == [(USUAL, "stopped")]
        assert evidence["containers"] is None and evidence["publications"] is None
        told = {one["section"]: one["why"] for one in evidence["blind"]}
        assert told["publications"] == f"nobody listens on {USUAL}"


LISTENER = """
import os, select, socket, sys
if os.path.exists("/run/docker.sock"):
    os.unlink("/run/docker.sock")
sock = socket.socket(socket.AF_UNIX)
sock.bind("/run/docker.sock")
sock.listen(8)
print("listens", flush=True)
peers = []
while sys.stdin not in select.select([sock, sys.stdin], [], [])[0]:
    peers.append(sock.accept()[0])
print(len(peers), flush=True)
"""


class Listener:
    """A process of that name that listens at an engine's usual place and never answers."""

    def __init__(self, engine, folder, name):
        program = folder / name
        shutil.copy(os.path.realpath(sys.executable), program)
        home = (f"PYTHONHOME={sys.base_prefix}", f"LD_LIBRARY_PATH={sys.base_prefix}/lib")
        command = engine.inside("env", *home, str(program), "-c", LISTENER)
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        assert self._process.stdout.readline() == "listens\n"
        return self

    def __exit__(self, *_):
        if self._process.poll() is None:
            self.calls()

    def calls(self):
        """How many connections there were. It listens no more."""
        return int(self._process.communicate("\n", timeout=10)[0])


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    with Engine(tmp_path_factory.mktemp("stage"), start=False) as namespaces:
        yield namespaces


def test_what_only_systemd_listens_on_is_not_called(stage, tmp_path):
    with Listener(stage, tmp_path, "systemd") as listener:
        evidence, calls = gather(stage)
        assert (calls, listener.calls()) == ([], 0)
    assert [(one["endpoint"], one["state"]) for one in evidence["engine"]] == [(USUAL, "stopped")]
    told = {one["section"]: (one["why"], one["see"]) for one in evidence["blind"]}
    why = "the engine is stopped behind docker.socket and was not woken"
    assert told["publications"] == (why, "start docker.service")
    assert evidence["publications"] is None


def test_what_another_program_listens_on_is_called_once_and_costs_one_timeout(stage, tmp_path):
    start = time.monotonic()
    with Listener(stage, tmp_path, "some-engine") as listener:
        evidence, calls = gather(stage, "", "engine", "publications")
        assert (calls, listener.calls()) == (["/info"], 1)
    assert 5 < time.monotonic() - start < 15
    told = {one["section"]: one["why"] for one in evidence["blind"]}
    assert told["publications"] == f"{USUAL} did not answer within 5 s"


def test_a_host_without_an_engine_has_none(stage):
    subprocess.run(stage.inside("rm", "-f", "/run/docker.sock"), check=True)
    evidence, calls = gather(stage)
    assert calls == []
    assert [evidence[name] for name in ("engine", "containers", "publications", "endpoints")] == [[], [], [], []]
    (one,) = [one for one in evidence["blind"] if one["section"] == "engine"]
    assert (one["part"], one["hides"]) == ("any engine", False)
