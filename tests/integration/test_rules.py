# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules against the kernel: looking changes nothing, what is told is there, and its text names the very rule.

Each test has a network namespace of its own, and the last ones an engine of their own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.docker_chains import docker_chains_state
from ansible_collections.dockmaster.ports.plugins.module_utils._core.load import load
from ansible_collections.dockmaster.ports.plugins.module_utils._core.orphans import foreign, orphans
from ansible_collections.dockmaster.ports.plugins.module_utils._core.undecided import Undecided
from ansible_collections.dockmaster.ports.plugins.module_utils._core.unrouted import unrouted
from ansible_collections.dockmaster.ports.plugins.module_utils._live_host import LiveHost
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.iptables_words import arguments_of
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.nat import nat_rules
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rule_dumps import table_names
from ansible_collections.dockmaster.ports.tests.integration.support.engine import IMAGE, Engine, missing
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.rule_recordings import (
    FOLDER,
    printed,
    tables_in,
)

NEEDED = (
    "unshare",
    "nsenter",
    "nft",
    "iptables-nft",
    "ip6tables-nft",
    "iptables-legacy",
    "ip6tables-legacy",
    "setpriv",
)
PATH = os.pathsep.join(["/usr/sbin", "/sbin", "/usr/bin", "/bin", os.environ.get("PATH", "")])
LOOK = Path(__file__).parent / "support/look.py"

lacking = [name for name in NEEDED if not shutil.which(name, path=PATH)] or ([] if os.geteuid() == 0 else ["root"])
pytestmark = pytest.mark.skipif(bool(lacking), reason=f"network namespaces with rules need {', '.join(lacking)}")


class Namespace:
    """An empty network namespace."""

    def __init__(self, pid):
        self.pid = pid

    def run(self, *argv, stdin=None):
        """What a command printed. Raises AssertionError with what it said if it fails."""
        command = ["nsenter", f"--net=/proc/{self.pid}/ns/net", *argv]
        env = {**os.environ, "PATH": PATH}
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, env=env, timeout=60, check=False)
        assert done.returncode == 0, f"{argv}: {done.stderr}"
        return done.stdout

    def look(self, *before, sections=("nat", "firewall")):
        return load(json.loads(self.run(*before, sys.executable, str(LOOK), *sections)))

    def state(self):
        """All that looking could change: which tables there are, and what is in them."""
        names = [self.run("cat", f"/proc/net/{name}_tables_names") for name in ("ip", "ip6")]
        programs = [
            f"{name}-legacy-save" for name, there in zip(("iptables", "ip6tables"), names, strict=True) if there
        ]
        legacy = [self.run(program) for program in programs]
        lines = [line for text in legacy for line in text.splitlines() if not line.startswith("#")]
        return names, lines, self.run("nft", "-s", "list", "ruleset")


@pytest.fixture
def namespace():
    with subprocess.Popen(["unshare", "--net", "cat"], stdin=subprocess.PIPE) as holder:
        until = time.monotonic() + 10
        while (
            os.readlink(f"/proc/{holder.pid}/ns/net") == os.readlink("/proc/self/ns/net") and time.monotonic() < until
        ):
            time.sleep(0.01)
        yield Namespace(holder.pid)
        holder.stdin.close()  # cat ends, and the namespace with it


def recording(folder, state, source):
    (path,) = (FOLDER / folder).glob(f"{state}.engine-*.{source}.txt")
    return path


def in_short(rules):
    return [
        (r.backend, r.family, r.table, r.chain, r.position, r.text, r.first, r.last, r.to_ip, r.hooks, r.owner)
        for r in rules
    ]


RULE = ("-t", "nat", "-A", "PREROUTING", "-p", "tcp", "--dport", "80", "-j", "REDIRECT", "--to-ports", "8080")
NATIVE = "type nat hook prerouting priority -100 ; tcp dport 81 redirect ;"
BEFORE = {
    "nothing": [],
    "rules of iptables-nft": [("iptables-nft", *RULE), ("ip6tables-nft", *RULE)],
    "a legacy table": [("iptables-legacy", *RULE)],
    "legacy tables of both families": [("iptables-legacy", *RULE), ("ip6tables-legacy", "-t", "raw", "-S")],
    "rules of nft": [("nft", f"add table inet mine {{ chain c {{ {NATIVE} }} ; }}")],
    "all of them": [("iptables-nft", *RULE), ("iptables-legacy", *RULE), ("nft", "add", "table", "ip6", "mine")],
}  # fmt: skip


@pytest.mark.parametrize("commands", BEFORE.values(), ids=BEFORE)
def test_looking_changes_nothing(namespace, commands):
    for command in commands:
        namespace.run(*command)
    before = namespace.state()

    evidence = namespace.look()

    assert namespace.state() == before
    assert [str(blind) for blind in evidence.blind] == []
    assert len(evidence.nat) == sum("REDIRECT" in command or "redirect" in str(command) for command in commands)


def test_asking_iptables_legacy_for_a_table_would_create_it(namespace):
    """What the test above is for."""
    assert namespace.state()[0] == ["", ""]

    namespace.run("iptables-legacy-save", "-t", "nat")

    assert namespace.state()[0] == ["nat\n", ""]


LOADED = [
    # a recording, and what loads it
    ("engine-20.10.24-proxy", "many-ports", "iptables-nft-save", "iptables-nft-restore"),
    ("engine-26.1.5-noproxy", "many-ports", "iptables-nft-save", "iptables-nft-restore"),
    ("engine-28.5.2-proxy", "many-ports", "iptables-nft-save", "iptables-nft-restore"),
    ("engine-28.5.2-proxy", "many-ports", "ip6tables-nft-save", "ip6tables-nft-restore"),
    ("engine-28.5.2-states", "legacy-mixed", "iptables-legacy-save", "iptables-legacy-restore"),
    ("engine-28.5.2-states", "orphan-by-hand", "iptables-nft-save", "iptables-legacy-restore"),
    ("engine-28.5.2-states", "ufw-enabled-after-docker", "iptables-nft-save", "iptables-nft-restore"),
]


@pytest.mark.parametrize(
    "folder, state, source, restore", LOADED, ids=[f"{row[0]} {row[1]} {row[3]}" for row in LOADED]
)
def test_recorded_rules_are_told_as_the_kernel_has_them(namespace, folder, state, source, restore):
    path = recording(folder, state, source)
    backend = "iptables-legacy" if "legacy" in restore else "iptables-nft"
    tables = sorted((t._replace(backend=backend) for t in tables_in(path)), key=lambda t: t.name)
    namespace.run(restore, stdin=printed(path))

    evidence = namespace.look()

    assert [str(blind) for blind in evidence.blind] == []
    assert in_short(sorted(evidence.nat, key=lambda rule: rule.table)) == in_short(nat_rules(tables))


def load_native(namespace, path):
    # nft 1.0 does not know the name of this priority in an output chain
    namespace.run(
        "nft",
        "-f",
        "-",
        stdin=path.read_text(encoding="utf-8").replace("output priority dstnat", "output priority -100"),
    )


@pytest.mark.parametrize(
    "name",
    [
        "engine-29.7.2-nftables-proxy/many-ports.engine-29.7.2",
        "nft-1.0.6-samples/kube-proxy",
        "nft-1.0.6-samples/netavark",
        "nft-1.0.6-samples/everything",
    ],
)
def test_recorded_rules_of_nft_are_told_as_the_kernel_has_them(namespace, name):
    load_native(namespace, FOLDER / f"{name}.nft.txt")

    evidence = namespace.look()

    assert [str(blind) for blind in evidence.blind] == []
    assert in_short(evidence.nat) == in_short(nat_rules(tables_in(FOLDER / f"{name}.nft.json")))


UGLY = [
    ("-p", "tcp", "--dport", "1", "-m", "comment", "--comment", "he said \"hi\" it's \\ $x `y`", "-j", "REDIRECT"),
    ("-p", "tcp", "--dport", "2", "-m", "comment", "--comment", "two\nlines -A DOCKER", "-j", "REDIRECT"),
    ("-p", "tcp", "--dport", "3", "-m", "comment", "--comment", "--dport", "-j", "REDIRECT"),
    ("-p", "tcp", "--dport", "4", "-m", "comment", "--comment", "", "-j", "DNAT", "--to-destination",
     "10.0.0.1-10.0.0.9:1-9"),
    ("-p", "tcp", "-m", "multiport", "!", "--dports", "5,6:7", "-m", "addrtype", "--dst-type", "LOCAL",
     "-j", "REDIRECT", "--to-ports", "8"),
    ("-p", "udp", "!", "--dport", "9", "!", "-i", "eth+", "-s", "10.0.0.0/8", "-j", "DNAT", "--to-destination", ":53"),
    ("-d", "10.1.0.0/255.255.0.255", "-j", "DNAT", "--to-destination", "10.0.0.1", "--random", "--persistent"),
    ("-p", "tcp", "-m", "iprange", "--dst-range", "10.0.0.1-10.0.0.9", "-m", "tcp", "--dport", "10", "-j", "REDIRECT"),
]  # fmt: skip


@pytest.mark.parametrize("program", ["iptables-nft", "iptables-legacy"])
def test_the_text_of_a_rule_deletes_that_very_rule(namespace, program):
    namespace.run(
        f"{program}-restore", stdin=printed(recording("engine-28.5.2-proxy", "many-ports", "iptables-nft-save"))
    )
    for rule in UGLY:
        namespace.run(program, "-t", "nat", "-A", "DOCKER", *rule)
    texts = list(dict.fromkeys((rule.table, rule.text) for rule in namespace.look().nat))
    assert len(texts) == 21 + len(UGLY)

    while texts:
        for table, text in texts[1::3] or texts:  # of what is left, some in the middle
            texts.remove((table, text))
            namespace.run(program, "-w", "-t", table, "-D", *arguments_of(text)[1:])
        left = list(dict.fromkeys((rule.table, rule.text) for rule in namespace.look().nat))
        # what spares traffic is told only where something follows that it spares
        assert [one for one in left if "RETURN" not in one[1]] == [one for one in texts if "RETURN" not in one[1]]


def test_the_handle_of_a_rule_of_nft_deletes_that_very_rule(namespace):
    load_native(namespace, FOLDER / "engine-29.7.2-nftables-proxy/many-ports.engine-29.7.2.nft.txt")
    left = list(namespace.look().nat)
    assert len(left) == 16

    while left:
        for rule in left[1::3] or list(left):
            left.remove(rule)
            where = (rule.family, rule.table, rule.chain)
            namespace.run("nft", "delete", "rule", *where, "handle", str(rule.handle))
        assert [one.text for one in namespace.look().nat] == [one.text for one in left]


MIXED = {
    "a rule in a chain of iptables": ["add rule ip nat PREROUTING tcp dport 81 dnat to 10.0.0.2:80"],
    "a base chain that iptables would not make": [
        "add chain ip nat prerouting { type nat hook prerouting priority -90 ; }",
        "add rule ip nat prerouting tcp dport 81 dnat to 10.0.0.2:80",
    ],
}


@pytest.mark.parametrize("commands", MIXED.values(), ids=MIXED)
def test_rules_of_nft_in_a_table_of_iptables_are_seen(namespace, commands):
    """iptables-nft-save then leaves out a table, or a chain, and ends well."""
    namespace.run("iptables-nft", *RULE)
    for command in commands:
        namespace.run("nft", command)

    evidence = namespace.look()

    hidden = [blind.part for blind in evidence.blind if blind.hides]
    assert {(rule.first, rule.action) for rule in evidence.nat} == {(80, "redirect"), (81, "dnat")}
    assert hidden in ([], ["1 of the rules of table ip nat"])
    assert bool(hidden) == all(rule.backend == "nft" for rule in evidence.nat)


def test_without_the_right_nothing_is_seen_and_that_is_said(namespace):
    namespace.run("iptables-nft", *RULE)

    evidence = namespace.look("setpriv", "--bounding-set=-all", "--inh-caps=-all")

    assert evidence.nat == ()  # the kernel lets any root read that there are no legacy tables
    assert [(blind.part, blind.see) for blind in evidence.blind if blind.hides] == [
        (part, "gather as a root that has all capabilities")
        for part in ("IPv4 rules of iptables-nft", "IPv6 rules of iptables-nft", "rules of nft")
    ]


def test_the_kernel_tells_which_tables_of_nft_there_are(namespace):
    """For hosts without the program nft."""
    namespace.run("nft", "add", "table", "inet", "mine")
    namespace.run("nft", "add", "table", "bridge", "frames")
    namespace.run("iptables-nft", *RULE)
    script = (
        f"from {table_names.__module__} import table_names\nfrom {LiveHost.__module__} import LiveHost\n"
        "print(sorted(table_names(LiveHost())))"
    )

    told = namespace.run(sys.executable, "-c", script)

    assert told == "[('inet', 'mine'), ('ip', 'nat'), ('other', 'frames')]\n"


needs_engine = pytest.mark.skipif(bool(missing()), reason=f"an engine of its own needs {missing()}")


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with Engine(tmp_path_factory.mktemp("engine")) as running:
        yield running


def gathered(engine, *sections):
    command = engine.inside(
        "env", f"PYTHONPATH={os.environ['PYTHONPATH']}", sys.executable, str(LOOK), *(sections or ["all"])
    )
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return load(json.loads(done.stdout))


def start(engine, name, *options):
    """A container that ends at once when it is stopped: its process 1 ignores the usual signal."""
    engine.docker("run", "--detach", "--name", name, "--stop-signal", "KILL", *options, IMAGE, "sleep", "600")


def iptables(engine, *argv):
    subprocess.run(engine.inside("iptables", "-w", *argv), check=True, timeout=30)


@needs_engine
class TestAgainstAnEngine:
    """In order: each leaves the engine whole."""

    def test_a_healthy_engine(self, engine):
        start(engine, "web", "-p", "8080:80", "-p", "127.0.0.1:8081:81/udp")
        engine.docker("network", "create", "other")
        start(engine, "range", "--network", "other", "-p", "9000-9002:9000-9002")
        evidence = gathered(engine)
        (one,) = [found for found in evidence.engine if found.pid is not None]

        assert [str(blind) for blind in evidence.blind if blind.section in ("nat", "firewall")] == []
        assert sorted(rule.first for rule in evidence.nat if rule.action == "dnat") == [8080, 8081, 9000, 9001, 9002]
        assert orphans(evidence) == ()
        assert foreign(evidence) == ()
        assert unrouted(evidence) == ()
        assert docker_chains_state(evidence.firewall, one) == ()

    def test_an_orphan_before_the_live_rule(self, engine):
        gone = engine.inspect("web")[0]["NetworkSettings"]["IPAddress"].rpartition(".")[0] + ".200"
        rule = ["-p", "tcp", "!", "-i", "docker0", "--dport", "8080", "-j", "DNAT", "--to-destination", f"{gone}:80"]
        iptables(engine, "-t", "nat", "-I", "DOCKER", "2", *rule)
        iptables(
            engine,
            "-t",
            "nat",
            "-A",
            "DOCKER",
            "-p",
            "tcp",
            "--dport",
            "8099",
            "-j",
            "DNAT",
            "--to-destination",
            "192.0.2.99:80",
        )

        evidence = gathered(engine)
        (found,) = orphans(evidence)

        assert (found.rule.first, found.why, found.shadows) == (8080, f"no running container has {gone}", True)
        assert [one.first for one in foreign(evidence)] == [8099]
        for one in (found.rule, *foreign(evidence)):
            iptables(engine, "-t", one.table, "-D", *arguments_of(one.text)[1:])
        assert orphans(gathered(engine)) == foreign(gathered(engine)) == ()

    def test_a_paused_container_is_alive(self, engine):
        engine.docker("pause", "web")
        assert orphans(gathered(engine)) == ()
        engine.docker("unpause", "web")

    def test_flushed_rules_and_chains(self, engine):
        (one,) = [found for found in gathered(engine).engine if found.pid is not None]

        iptables(engine, "-t", "nat", "-F", "DOCKER")
        evidence = gathered(engine)
        assert docker_chains_state(evidence.firewall, one) == ()
        ports = {(port, one.protocol) for one in unrouted(evidence) for port in range(one.first, one.last + 1)}
        assert sorted(ports) == [(8080, "tcp"), (8081, "udp"), (9000, "tcp"), (9001, "tcp"), (9002, "tcp")]

        iptables(engine, "-F")
        found = docker_chains_state(gathered(engine).firewall, one)
        assert {missing.id for missing in found} == {"missing_jump"}
        assert "filter/FORWARD > DOCKER-USER" in [missing.what for missing in found]

    def test_an_engine_that_was_killed_and_came_back(self, engine):
        engine.stop()
        engine.start()
        start(engine, "late", "-p", "8095:80")
        engine.stop(9)

        evidence = gathered(engine)
        assert [rule.first for rule in evidence.nat if rule.action == "dnat"] == [8095]
        with pytest.raises(Undecided):  # its container may well be running, and here it is
            orphans(evidence)

        # its containerd died with it, and nobody in the namespace reaps it: the engine would wait for it in vain
        subprocess.run(engine.inside("rm", "-f", "/run/docker/containerd/containerd.pid"), check=True)
        engine.start()
        evidence = gathered(engine)
        (one,) = [found for found in evidence.engine if found.pid is not None]
        assert orphans(evidence) == ()
        assert docker_chains_state(evidence.firewall, one) == ()
