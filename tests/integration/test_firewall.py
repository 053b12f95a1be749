# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies in a real kernel, beside a real engine, asked by real clients that stand outside of the host.

What needs systemd, ufw, firewalld, a reboot or another engine is proven on the lab's hosts.
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

from ansible_collections.dockmaster.ports.tests.integration.support.engine import IMAGE, Engine
from ansible_collections.dockmaster.ports.tests.integration.support.street import (
    ANSWER,
    ASK,
    FRIEND,
    FRIEND6,
    HOST,
    HOST6,
    SILENT,
    STRANGER,
    STRANGER6,
    Street,
    lacking,
    opened,
)

pytestmark = pytest.mark.skipif(bool(lacking()), reason=f"an engine with firewalls needs {lacking()}")


@pytest.fixture
def street(tmp_path):
    with Engine(tmp_path) as engine:
        yield Street(engine)


def allow(*sources, ports=(8080,), default="deny", **more):
    return {"default": default, "rules": [{"ports": list(ports), "sources": list(sources), "action": "allow"}], **more}


BOTH = [(FRIEND, HOST, 8080), (STRANGER, HOST, 8080), (FRIEND6, HOST6, 8080), (STRANGER6, HOST6, 8080)]


def test_iptables(street):
    street.web("web", "-p", "8080:80")
    assert set(opened(street, *BOTH)) != {SILENT}
    before = street.rules()

    assert street.lay(allow(FRIEND, FRIEND6)) == {"changed": True, "backend": "iptables-nft", "state": "present"}
    said = street.ask(*BOTH)
    assert [answer == SILENT for answer in said] == [False, True, False, True]
    assert street.lay(allow(FRIEND, FRIEND6))["changed"] is False
    assert street.lay(None) == {"changed": True, "backend": "iptables-nft", "state": "absent"}
    assert street.rules() == before


def test_reject_says_so(street):
    street.web("web", "-p", "8080:80")
    opened(street, *BOTH)

    street.lay({"default": "allow", "rules": [{"ports": [8080], "sources": [STRANGER, STRANGER6], "action": "reject"}]})

    assert [answer == "refused" for answer in street.ask(*BOTH)] == [False, True, False, True]


def test_an_engine_with_nftables_has_the_policy_in_a_table(street):
    street.web("web", "-p", "8080:80")
    opened(street, *BOTH)
    before = street.run("nft", "list", "tables")
    (street.engine.folder / "daemon.json").write_text('{"firewall-backend": "nftables"}')

    assert street.lay(allow(FRIEND, FRIEND6)) == {"changed": True, "backend": "nftables", "state": "present"}
    assert [answer == SILENT for answer in street.ask(*BOTH)] == [False, True, False, True]
    assert street.lay(allow(FRIEND, FRIEND6))["changed"] is False
    street.run("nft", "add", "rule", "inet", "dockmaster", "rules", "accept")
    assert street.lay(allow(FRIEND, FRIEND6)) == {"changed": True, "backend": "nftables", "state": "present"}
    assert "dockmaster" not in "".join(street.rules()).lower()
    assert street.lay(None) == {"changed": True, "backend": "nftables", "state": "absent"}
    assert street.run("nft", "list", "tables") == before


def test_an_engine_that_changes_its_backend_takes_the_policy_along(street):
    street.lay(allow(FRIEND))

    (street.engine.folder / "daemon.json").write_text('{"firewall-backend": "nftables"}')
    assert street.lay(allow(FRIEND))["backend"] == "nftables"
    assert "DOCKMASTER" not in street.run("iptables-save")
    (street.engine.folder / "daemon.json").write_text("{}")
    assert street.lay(allow(FRIEND))["backend"] == "iptables-nft"
    assert "dockmaster" not in street.run("nft", "list", "tables")


def test_thousands_of_networks_are_a_set(street):
    street.web("web", "-p", "8080:80")
    opened(street, *BOTH)
    many = [f"10.{number >> 8}.{number & 255}.0/24" for number in range(0, 10_000, 2)]

    assert street.lay(allow(FRIEND, FRIEND6, *many))["changed"] is True
    assert [answer == SILENT for answer in street.ask(*BOTH)] == [False, True, False, True]
    (name,) = street.run("ipset", "list", "-n").split()
    street.run("ipset", "add", name, STRANGER)
    assert street.lay(allow(FRIEND, FRIEND6, *many))["changed"] is True
    assert street.ask(*BOTH[:2])[1] == SILENT
    assert street.lay(allow(FRIEND, FRIEND6, *many))["changed"] is False
    street.lay(None)
    assert street.run("ipset", "list", "-n") == ""


def test_legacy_iptables(tmp_path, monkeypatch):
    for name in ("iptables", "ip6tables"):
        for suffix in ("", "-save", "-restore"):
            (tmp_path / f"{name}{suffix}").symlink_to(shutil.which(f"{name}-legacy{suffix}", path="/usr/sbin"))
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with Engine(tmp_path / "engine") as engine:
        street = Street(engine)
        street.web("web", "-p", "8080:80")
        opened(street, *BOTH)

        assert street.lay(allow(FRIEND, FRIEND6)) == {"changed": True, "backend": "iptables-legacy", "state": "present"}
        assert [answer == SILENT for answer in street.ask(*BOTH)] == [False, True, False, True]
        assert street.lay(allow(FRIEND, FRIEND6))["changed"] is False
        street.lay(None)
        assert "DOCKMASTER" not in street.run("iptables-legacy-save")


def test_swarms_routing_mesh_is_closed(street):
    """Its rules, as engine 20.10 writes them, with DOCKER-INGRESS in front; a kernel without IPVS runs no real one."""
    street.engine.docker("network", "create", "-o", "com.docker.network.bridge.name=docker_gwbridge", "docker_gwbridge")
    street.web("task", "--network", "docker_gwbridge", port=8085)
    target = street.address("task")
    for rule in (
        "-t nat -N DOCKER-INGRESS",
        "-t nat -I PREROUTING -m addrtype --dst-type LOCAL -j DOCKER-INGRESS",
        f"-t nat -A DOCKER-INGRESS -p tcp -m tcp --dport 8085 -j DNAT --to-destination {target}:8085",
        "-N DOCKER-INGRESS",
        "-I FORWARD -j DOCKER-INGRESS",
        "-A DOCKER-INGRESS -p tcp -m tcp --dport 8085 -j ACCEPT",
        "-A DOCKER-INGRESS -p tcp -m tcp --sport 8085 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    ):
        street.run("iptables", *rule.split())
    placeholder = (
        "import socket as s; x = s.create_server(('::', 8085), family=s.AF_INET6, dualstack_ipv6=True); input()"
    )
    with subprocess.Popen(street.engine.inside(sys.executable, "-c", placeholder), stdin=subprocess.PIPE) as mesh:
        asks = [(FRIEND, HOST, 8085), (STRANGER, HOST, 8085), (STRANGER6, HOST6, 8085)]
        assert opened(street, *asks[:2]) == [ANSWER] * 2

        street.lay(allow(FRIEND, ports=[8085]))

        assert street.ask(*asks) == [ANSWER, SILENT, SILENT]
        mesh.communicate()


def test_a_connection_that_stands_goes_on(street):
    street.engine.docker(
        "run", "-d", "--name", "echo", "-p", "8080:80", IMAGE, "busybox", "nc", "-l", "-p", "80", "-e", "cat"
    )
    talk = (
        "import socket, sys\n"
        f"c = socket.create_connection(('{HOST}', 8080), 5, ('{STRANGER}', 0))\n"
        "for line in sys.stdin.buffer:\n"
        "    c.sendall(line); sys.stdout.buffer.write(c.recv(99)); sys.stdout.flush()\n"
    )
    _until_it_listens(street, "echo", 80)  # it takes one connection, so none is made to see
    command = street.engine.inside("ip", "netns", "exec", "client", sys.executable, "-c", talk)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as standing:

        def said(line):
            standing.stdin.write(line)
            standing.stdin.flush()
            return standing.stdout.readline()

        assert said(b"before\n") == b"before\n"
        street.lay({"default": "deny"})
        assert said(b"after\n") == b"after\n"
        standing.stdin.close()
    assert street.ask((STRANGER, HOST, 8080)) == [SILENT]


def _until_it_listens(street, container, port):
    """LISTEN is state 0A. Source: proc_pid_net(5)."""
    until = time.monotonic() + 20
    while True:
        table = street.engine.docker("exec", container, "busybox", "cat", "/proc/net/tcp", "/proc/net/tcp6")
        if any(f":{port:04X} " in line and " 0A " in line for line in table.splitlines()):
            return
        assert time.monotonic() < until, table
        time.sleep(0.1)


def test_what_is_published_on_loopback_is_no_neighbours(street):
    """moby#45610: up to 27, a neighbour that sends a packet for 127.0.0.1 is turned to the container."""
    street.web("web", "-p", "127.0.0.1:8080:80")
    for command in (
        "ip addr flush dev lo",
        f"ip route add 127.0.0.1/32 via {HOST} dev inside src {FRIEND}",
        "sysctl -q net.ipv4.conf.all.route_localnet=1 net.ipv4.conf.inside.route_localnet=1",
    ):
        street.client(*command.split())
    assert opened(street, (FRIEND, "127.0.0.1", 8080)) == [ANSWER]

    street.lay({"default": "deny", "rules": [{"ports": ["all"], "action": "allow"}]})

    assert street.ask((FRIEND, "127.0.0.1", 8080)) == [SILENT]


def test_containers_own_addresses_are_closed_unless_their_network_is_routed(street):
    street.web("web", "-p", "8080:80")
    own = street.address("web")
    assert opened(street, (FRIEND, own, 80)) == [ANSWER]

    street.lay(allow(FRIEND))
    assert street.ask((FRIEND, own, 80), (FRIEND, HOST, 8080)) == [SILENT, ANSWER]
    street.lay(allow(FRIEND, routed_networks=[f"{own.rpartition('.')[0]}.0/24"]))
    assert street.ask((FRIEND, own, 80)) == [ANSWER]


def test_there_is_no_way_round(tmp_path):
    """IPv6 of the container's own, packets that nobody tracks, and proxies that answer where the rules are gone."""
    config = {"ipv6": True, "fixed-cidr-v6": "2001:db8:1::/64", "ip6tables": True, "experimental": True}
    with Engine(tmp_path, config=config) as engine:
        street = Street(engine)
        street.client("ip", "-6", "route", "add", "default", "via", HOST6)
        street.web("web", "-p", "8080:80")
        street.web("own", "--network", "host", port=8090)
        own4, own6 = (
            street.address("web"),
            engine.docker("inspect", "-f", "{{.NetworkSettings.GlobalIPv6Address}}", "web"),
        )
        published, direct = (
            [(STRANGER, HOST, 8080), (STRANGER6, HOST6, 8080)],
            [(STRANGER, own4, 80), (STRANGER6, own6, 80)],
        )
        assert SILENT not in opened(street, *published, *direct)

        street.lay(allow(FRIEND))

        assert street.ask(*published, *direct) == [SILENT] * 4
        street.run("iptables", "-t", "raw", "-I", "PREROUTING", "-i", "outside", "-j", "CT", "--notrack")
        assert street.ask(published[0], direct[0]) == [SILENT] * 2
        street.run("iptables", "-t", "raw", "-F")
        for command in ("iptables -t nat -F", "ip6tables -t nat -F"):
            street.run(*command.split())
        assert street.ask(*published) == [SILENT] * 2
        assert street.ask((FRIEND, HOST, 8080)) == [ANSWER]
        assert opened(street, (STRANGER, HOST, 8090)) == [ANSWER]  # a port of the host's own, whoever has it
        asks = json.dumps([["tcp", "", HOST, 8080]])
        assert json.loads(street.run(sys.executable, ASK, "2", asks)) == [ANSWER]  # the host itself
        engine.docker("exec", "web", "busybox", "nc", "-w", "2", HOST, "8080", "-e", "true")


def test_a_bridge_with_a_name_of_its_own_stays_known_when_docker_rules_are_gone(street):
    street.engine.docker("network", "create", "-o", "com.docker.network.bridge.name=shop0", "shop")
    street.web("web", "-p", "8080:80", "--network", "shop")
    own = street.address("web")
    opened(street, *BOTH)
    street.lay(allow(FRIEND))
    asks = [(FRIEND, HOST, 8080), (STRANGER, HOST, 8080), (STRANGER, own, 80)]
    assert street.ask(*asks) == [ANSWER, SILENT, SILENT]

    for command in ("iptables -P FORWARD ACCEPT", "iptables -F"):
        street.run(*command.split())
    assert SILENT not in street.ask(*asks)
    street.lay(allow(FRIEND))
    assert street.ask(*asks) == [ANSWER, SILENT, SILENT]
    street.run("iptables", "-t", "nat", "-F")
    street.lay(allow(FRIEND))
    assert street.ask(*asks[1:]) == [SILENT, SILENT]


def test_who_only_looks_like_dockers_is_outside_and_goes_where_he_likes(street):
    """A bridge br-lan of the host's own: its guests meet the policy at published ports, and nowhere else."""
    for command in (
        "ip link add br-lan type bridge",
        "ip link set br-lan up",
        "ip addr add 198.51.100.1/24 dev br-lan",
        "ip netns add guest",
        "ip link add port type veth peer name eth0 netns guest",
        "ip link set port master br-lan up",
        "ip -n guest addr add 198.51.100.9/24 dev eth0",
        "ip -n guest link set eth0 up",
        "ip -n guest route add default via 198.51.100.1",
        "iptables -A FORWARD -i br-lan -j ACCEPT",
        "iptables -A FORWARD -o br-lan -j ACCEPT",
        "iptables -t nat -A PREROUTING -p tcp -d 192.0.2.1 --dport 7000 -j DNAT --to-destination 198.51.100.9:70",
    ):
        street.run(*command.split())
    street.web("web", "-p", "8080:80")
    street.web("closed", "-p", "8081:80")
    serve = "import http.server as h; h.HTTPServer(('', 70), h.BaseHTTPRequestHandler).serve_forever()"
    guest = street.engine.inside("ip", "netns", "exec", "guest")
    with subprocess.Popen([*guest, sys.executable, "-c", serve], stderr=subprocess.DEVNULL) as server:
        assert SILENT not in opened(street, (FRIEND, HOST, 7000), (FRIEND, HOST, 8080))

        street.lay(allow(FRIEND, "198.51.100.9"))

        asks = json.dumps([["tcp", "", HOST, 8080], ["tcp", "", HOST, 8081], ["tcp", "", FRIEND, 9]])
        said = json.loads(
            subprocess.run([*guest, sys.executable, ASK, "1", asks], capture_output=True, text=True, check=True).stdout
        )
        assert said == [ANSWER, SILENT, "refused"]
        assert street.ask((STRANGER, HOST, 7000)) != [SILENT]  # a port forwarded by somebody else is not published
        _end(street, server)


def _end(street, process):
    """The process, and its own: it is in the namespaces."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    for pid in children:
        os.kill(int(pid), 9)
    process.kill()


def test_rules_change_without_a_gap(street):
    """Somebody whom the old policy lets in and the new one too is let in all the time.

    A lost first packet would be sent again after a second. Each connection is read to its end before the next: the
    server takes no more than some at once.
    """
    street.web("web", "-p", "8080:80")
    opened(street, BOTH[0])
    policies = [allow(FRIEND), allow(FRIEND, "10.0.0.0/8", ports=[8080, 9090])]
    street.lay(policies[0])
    knock = (
        "import socket, sys, time\n"
        "end, asked = time.monotonic() + 6, 0\n"
        "while time.monotonic() < end:\n"
        f"    one = socket.create_connection(('{HOST}', 8080), 0.9, ('{FRIEND}', 0)); one.settimeout(20)\n"
        "    one.sendall(b'GET / HTTP/1.0\\r\\n\\r\\n')\n"
        "    while one.recv(4096): pass\n"
        "    one.close(); asked += 1; time.sleep(0.02)\n"
        "print(asked)\n"
    )
    command = street.engine.inside("ip", "netns", "exec", "client", sys.executable, "-c", knock)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as knocking:
        turn = 0
        while knocking.poll() is None:
            turn += 1
            street.lay(policies[turn % 2])
        out, err = knocking.communicate()
    assert err == ""
    assert turn >= 2
    assert int(out) > 20
