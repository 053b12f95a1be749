# SPDX-License-Identifier: GPL-3.0-or-later
"""Which rules of Docker's have no container any more, and which are somebody else's."""

from __future__ import annotations

import dataclasses
import json

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.orphans import foreign, orphans
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import (
    Container,
    Engine,
    NetworkEndpoint,
    Publication,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Kernel
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.plugins.module_utils._core.undecided import Undecided
from ansible_collections.dockmaster.ports.plugins.module_utils._core.unrouted import unrouted
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import iptables_save
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.nat import nat_rules
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.rule_recordings import (
    FOLDER,
    tables_of,
)

SOCKET = "unix:///var/run/docker.sock"
DOCKER = Engine(endpoint=SOCKET, version="28.5.2", pid=7)
WEB = Container("web" + "0" * 61, "web", engine=SOCKET, addresses=("172.18.0.2",))
OLD = Container("old" + "0" * 61, "old", engine=SOCKET, state="exited")
BRIDGE = NetworkEndpoint("bridge", "docker0", "172.18.0.0/16", engine=SOCKET)
KERNEL = Kernel(bridges=("docker0",))


def endpoint(container, ip, bridge="docker0", network="bridge", subnet="172.18.0.0/16", name=""):
    return NetworkEndpoint(network, bridge, subnet, container, name, ip, SOCKET)


def published(container, ports, ip="0.0.0.0", actual=True, **more):
    """8080:80 of a container; of one that does not run, as it is configured."""
    ports, _slash, protocol = ports.partition("/")
    first, target = map(int, ports.split(":"))
    state = {"actual": actual, "state": container.state, "engine": SOCKET, "ip": ip}
    return Publication(
        container.id, container.name, container.name, protocol or "tcp", first, first, target, **{**state, **more}
    )


def nat(*lines, table="nat"):
    chains = dict.fromkeys(line.split()[1] for line in lines if line.split()[1] != "PREROUTING")
    head = f"*{table}\n:PREROUTING ACCEPT [0:0]\n" + "".join(f":{chain} - [0:0]\n" for chain in chains)
    jumps = "".join(f"-A PREROUTING -m addrtype --dst-type LOCAL -j {chain}\n" for chain in chains)
    text = head + jumps + "\n".join(lines) + "\nCOMMIT\n"
    return nat_rules(iptables_save.parse(text, "iptables-nft", "ip"), bridges={"mine"})


def evidence(*lines, table="nat", **more):
    """A host where web runs with 8080:80, and these rules."""
    usual = {
        "taken_at": 1000.0, "nat": nat(*lines, table=table), "engine": (DOCKER,), "containers": (WEB, OLD),
        "publications": (published(WEB, "8080:80"), published(OLD, "8081:80", actual=False)),
        "endpoints": (BRIDGE, endpoint(WEB.id, "172.18.0.2")), "kernel": KERNEL,
    }  # fmt: skip
    return Evidence(**{**usual, **more})


def told(found):
    return [(one.rule.position, one.why, one.shadows) for one in found]


def dnat(port, to, how="! -i docker0 ", protocol="tcp"):
    return f"-A DOCKER {how}-p {protocol} -m {protocol} --dport {port} -j DNAT --to-destination {to}"


LIVE = dnat(8080, "172.18.0.2:80")
LOCAL, ELSEWHERE = "-d 127.0.0.1/32 ! -i docker0 ", "-d 192.0.2.1/32 ! -i docker0 "
NOBODY = "no running container has 172.18.0.77"
RULES = [
    # rules of chain DOCKER, and the orphans among them: position, why, whether it shadows
    ([LIVE], []),
    ([dnat(8080, "172.18.0.2:80", how="")], []),  # as without the userland proxy
    ([LIVE, dnat(8081, "172.18.0.77:80")], [(2, NOBODY, False)]),
    ([dnat(8080, "172.18.0.77:80"), LIVE], [(1, NOBODY, True)]),
    ([LIVE, dnat(8080, "172.18.0.77:80")], [(2, NOBODY, False)]),  # behind the right one: it never gets a packet
    ([dnat(8080, "172.18.0.77:80", "-d 127.0.0.1/32 ! -i docker0 "), LIVE], [(1, NOBODY, True)]),
    ([dnat(8080, "172.18.0.77:80", LOCAL), dnat(8080, "172.18.0.2:80", LOCAL)], [(1, NOBODY, True)]),
    ([dnat(8080, "172.18.0.77:80", ELSEWHERE), dnat(8080, "172.18.0.2:80", LOCAL)], [(1, NOBODY, False)]),
    ([dnat(8080, "172.18.0.77:80", protocol="udp"), LIVE], [(1, NOBODY, False)]),
    # the address went to another container, which does not publish that
    ([dnat(9090, "172.18.0.2:90"), LIVE], [(1, "web has 172.18.0.2, and does not publish 90 on 9090/tcp", False)]),
    ([dnat(8080, "172.18.0.2:81"), LIVE], [(1, "web has 172.18.0.2, and does not publish 81 on 8080/tcp", True)]),
    ([dnat(8080, "172.18.0.2:80", protocol="udp")], [(1, "web has 172.18.0.2, and does not publish 80 on 8080/udp", False)]),
    # a network that is gone
    ([dnat(9090, "172.30.0.2:80", "! -i br-0123456789ab ")], [(1, "no running container has 172.30.0.2", False)]),
    # a network that was made anew: another rule does its work; without that rule it is not to be removed
    ([dnat(8080, "172.18.0.2:80", "! -i br-0123456789ab "), LIVE], [(1, "it names br-0123456789ab, which is gone", True)]),
    ([dnat(8080, "172.18.0.2:80", "! -i br-0123456789ab ")], []),
    # written by hand: elsewhere than Docker has networks, or in another form than Docker's
    ([dnat(8081, "192.0.2.9:80")], []),
    ([dnat(8081, "172.18.0.77:80", "-i eth0 ")], []),
    ([dnat(8081, "172.18.0.77:80", "-s 10.0.0.0/8 ")], []),
    ([dnat("8081:8090", "172.18.0.77:80")], []),
    (["-A DOCKER -j DNAT --to-destination 172.18.0.77"], []),
    (["-A DOCKER -p tcp -m tcp --dport 8081 -j REDIRECT --to-ports 80"], []),
    # not Docker's
    (["-A MINE -p tcp -m tcp --dport 8081 -j DNAT --to-destination 172.18.0.77:80"], []),
    (["-A CNI-DN-abc -p tcp -m tcp --dport 8081 -j DNAT --to-destination 172.18.0.77:80"], []),
    (["-A DOCKER-USER -p tcp -m tcp --dport 8081 -j ACCEPT"], []),
]  # fmt: skip


@pytest.mark.parametrize("lines, expected", RULES, ids=range(len(RULES)))
def test_dnat(lines, expected):
    jumps = len({line.split()[1] for line in lines})
    assert jumps == 1

    assert told(orphans(evidence(*lines))) == expected


def test_a_rule_in_the_other_backend_does_not_do_its_work():
    """Each backend is judged by its own rules."""
    made_anew = nat(dnat(8080, "172.18.0.2:80", "! -i br-0123456789ab "))
    legacy = [dataclasses.replace(rule, backend="iptables-legacy") for rule in made_anew]

    assert len(orphans(evidence(nat=(*made_anew, *nat(LIVE))))) == 1
    assert orphans(evidence(nat=(*legacy, *nat(LIVE)))) == ()


DIRECT = "-A PREROUTING -d {} ! -i {} -j DROP"
DROPS = [
    # a rule of raw's PREROUTING, and why it is an orphan
    (DIRECT.format("172.18.0.2/32", "docker0"), None),
    (DIRECT.format("172.18.0.77/32", "docker0"), NOBODY),
    (DIRECT.format("172.18.0.2/32", "br-0123456789ab"), "172.18.0.2 is on docker0, not on br-0123456789ab"),
    (DIRECT.format("172.30.0.2/32", "br-0123456789ab"), "no running container has 172.30.0.2"),
    (DIRECT.format("10.9.0.9/32", "mine"), "no running container has 10.9.0.9"),
    (DIRECT.format("10.9.0.9/32", "eth0"), None),
    # somebody else's
    ("-A PREROUTING -s 10.0.0.0/8 -d 172.18.0.77/32 ! -i docker0 -j DROP", None),
    ("-A PREROUTING -d 172.18.0.77/32 -j DROP", None),
    ("-A PREROUTING -d 172.18.0.77/32 -i docker0 -j DROP", None),
    ("-A PREROUTING ! -i docker0 -j DROP", None),
    ("-A PREROUTING -d 127.0.0.1/32 ! -i lo -p tcp -m tcp --dport 8082 -j DROP", "no running container publishes 127.0.0.1:8082/tcp"),
    ("-A PREROUTING -d 127.0.0.1/32 ! -i lo -p tcp -m tcp --dport 8083 -j DROP", None),
    ("-A PREROUTING -d 127.0.0.1/32 ! -i lo -p udp -m udp --dport 8083 -j DROP", "no running container publishes 127.0.0.1:8083/udp"),
]  # fmt: skip


@pytest.mark.parametrize("line, why", DROPS)
def test_raw_drops(line, why):
    publications = (published(WEB, "8080:80"), published(WEB, "8083:83", ip="127.0.0.1"))

    found = orphans(evidence(line, table="raw", publications=publications))

    assert told(found) == ([(1, why, False)] if why else [])


def test_ipv6_rules_of_28():
    line = "-A DOCKER ! -s fe80::/10 ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination [fd00:77::{}]:80"
    six = dataclasses.replace(WEB, addresses=("172.18.0.2", "fd00:77::2"))
    net = NetworkEndpoint("bridge", "docker0", "fd00:77::/64")

    found = orphans(evidence(line.format(9), line.format(2), containers=(six,), endpoints=(BRIDGE, net)))

    assert told(found) == [(1, "no running container has fd00:77::9", True)]


def test_swarm():
    """Ingress rules lead to the ingress sandbox, tasks in host mode have an address that only docker_gwbridge tells."""
    rules = nat(
        "-A DOCKER-INGRESS -p tcp -m tcp --dport 8085 -j DNAT --to-destination 172.19.0.2:8085",
        "-A DOCKER-INGRESS -p tcp -m tcp --dport 8086 -j DNAT --to-destination 172.19.0.9:8086",
    ) + nat(dnat(8080, "172.19.0.3:80", "! -i docker_gwbridge "))
    gateway = {"bridge": "docker_gwbridge", "network": "docker_gwbridge", "subnet": "172.19.0.0/16"}
    sandbox = endpoint("ingress-sbox", "172.19.0.2", name="gateway_ingress-sbox", **gateway)
    task = endpoint(WEB.id, "172.19.0.3", name="gateway_4c8cf6d301ae", **gateway)

    found = orphans(evidence(nat=rules, endpoints=(BRIDGE, sandbox, task)))
    blind = orphans(evidence(nat=rules, endpoints=(BRIDGE, task)))

    assert told(found) == [(2, "no endpoint has 172.19.0.9", False)]
    assert blind == ()  # the sandbox is not told: ingress rules are not judged


GHOST = dnat(8081, "172.18.0.77:80", "-d 127.0.0.1/32 ! -i docker0 ")
LISTENERS = [
    # who listens, and whether the rule is still an orphan
    (Socket("127.0.0.1", "tcp", 8081, pid=9, command="docker-proxy"), False),
    (Socket("127.0.0.1", "tcp", 8081, pid=9, command="dockerd"), False),
    (Socket("192.0.2.1", "tcp", 8081, pid=9, command="docker-proxy"), True),
    (Socket("127.0.0.1", "udp", 8081, pid=9, command="docker-proxy"), True),
    (Socket("127.0.0.1", "tcp", 8082, pid=9, command="docker-proxy"), True),
    (Socket("127.0.0.1", "tcp", 8081, pid=9, command="nginx"), True),
]


@pytest.mark.parametrize("listener, orphan", LISTENERS)
def test_a_port_that_the_engine_has_for_no_container(listener, orphan):
    assert bool(orphans(evidence(GHOST, sockets=(listener,)))) is orphan


@pytest.mark.parametrize("ip, orphan", [("0.0.0.0", False), ("127.0.0.1", True), ("::", True)])
def test_a_listener_on_one_address_keeps_no_rule_for_all_of_them(ip, orphan):
    listener = Socket(ip, "tcp", 8081, pid=9, command="docker-proxy")

    assert bool(orphans(evidence(dnat(8081, "172.18.0.77:80"), sockets=(listener,)))) is orphan


def test_a_listener_of_a_container_keeps_nobody_elses_rule():
    listener = Socket("0.0.0.0", "tcp", 8080, pid=9, command="docker-proxy")

    found = orphans(evidence(dnat(8080, "172.18.0.77:80"), LIVE, sockets=(listener,)))

    assert told(found) == [(1, NOBODY, True)]


def test_an_endpoints_address_stays_apart_from_other_bridges():
    rule, listener = nat(dnat(8081, "172.18.0.77:80")), Socket("0.0.0.0", "tcp", 8081, pid=9, command="docker-proxy")
    drop = nat("-A PREROUTING -d 172.18.0.77/32 ! -i docker0 -j DROP", table="raw")

    assert len(orphans(evidence(nat=rule + drop, sockets=()))) == 2
    assert orphans(evidence(nat=rule + drop, sockets=(listener,))) == ()


def test_an_endpoint_without_its_container_is_alive():
    """The engine itself still holds it: another matter than a rule it forgot."""
    ghost = endpoint("f" * 64, "172.18.0.77", name="ep-f")

    assert orphans(evidence(dnat(8081, "172.18.0.77:80"), endpoints=(BRIDGE, ghost))) == ()


@pytest.mark.parametrize("state, created, expected", [
    ("created", 990.0, 0),  # its first start may be under way
    ("created", 10.0, 1),
    ("restarting", 10.0, 0),
    ("removing", 10.0, 0),
    ("exited", 10.0, 1),
])  # fmt: skip
def test_a_container_that_is_just_starting(state, created, expected):
    """Engines up to 26 write the rule before they try the port."""
    new = Container("new" + "0" * 61, "new", state=state, created=created)
    more = {
        "containers": (WEB, new),
        "publications": (published(WEB, "8080:80"), published(new, "8081:80", actual=False)),
    }

    assert len(orphans(evidence(dnat(8081, "172.18.0.77:80"), **more))) == expected
    assert len(orphans(evidence(DIRECT.format("172.18.0.77/32", "docker0"), table="raw", **more))) == expected


def test_a_starting_container_excuses_its_own_port_only():
    new = Container("new" + "0" * 61, "new", state="restarting")
    more = {
        "containers": (WEB, new),
        "publications": (published(WEB, "8080:80"), published(new, "8081:80", actual=False)),
    }

    assert len(orphans(evidence(dnat(8099, "172.18.0.77:80"), **more))) == 1


def test_a_container_that_ended_has_no_address_any_more():
    """Its document may keep one that another may have by now."""
    ended = dataclasses.replace(OLD, addresses=("172.18.0.77",))

    assert told(orphans(evidence(dnat(8099, "172.18.0.77:80"), containers=(WEB, ended)))) == [(1, NOBODY, False)]


def test_a_paused_container_has_its_rules():
    paused = dataclasses.replace(WEB, state="paused")

    assert orphans(evidence(LIVE, containers=(paused,), publications=(published(paused, "8080:80"),))) == ()


def test_ranges_of_a_container():
    many = dataclasses.replace(published(WEB, "9000:7000"), last=9002)

    found = orphans(evidence(*[dnat(9000 + n, f"172.18.0.2:{7000 + n}") for n in range(4)], publications=(many,)))

    assert [one.rule.first for one in found] == [9003]


def test_containers_of_other_engines_are_alive():
    second = Engine(endpoint="unix:///run/second/docker.sock", pid=77)
    theirs = Container("their" + "0" * 59, "their", addresses=("172.18.0.77",), engine=second.endpoint)
    more = {"engine": (DOCKER, second), "containers": (WEB, theirs), "publications": (published(theirs, "8081:80"),)}

    assert orphans(evidence(dnat(8081, "172.18.0.77:80"), **more)) == ()


def test_a_rule_that_nft_does_not_tell_wholly_is_not_judged():
    (rule,) = nat(dnat(8081, "172.18.0.77:80"))

    assert orphans(evidence(nat=(dataclasses.replace(rule, to_ip="", to_first=0, to_last=0),))) == ()


STOPPED = dataclasses.replace(DOCKER, state="stopped")
UNDECIDED = [
    # what is different, why nothing is judged
    ({"nat": None}, "nat was not gathered"),
    ({"containers": None}, "containers was not gathered"),
    ({"publications": None}, "publications was not gathered"),
    ({"endpoints": None}, "endpoints was not gathered"),
    ({"engine": ()}, "no engine of this host was found that may have containers behind the rules of Docker's"),
    ({"engine": (dataclasses.replace(DOCKER, pid=None),)}, "no engine of this host was found that may have containers behind the rules of Docker's"),
    ({"engine": (STOPPED,)}, f"docker \\({SOCKET}\\) is stopped, and its containers were not seen; start it"),
    ({"engine": (DOCKER, dataclasses.replace(STOPPED, endpoint="unix:///b"))}, "docker \\(unix:///b\\) is stopped, and its containers were not seen; start it"),
    ({"blind": (Blind("containers", "permission denied", "become", part="those of podman"),)}, ".*permission denied; become"),
]  # fmt: skip


@pytest.mark.parametrize("more, why", UNDECIDED)
def test_nothing_is_judged_where_a_container_may_hide(more, why):
    with pytest.raises(Undecided, match=f"^{why}$"):
        orphans(evidence(dnat(8081, "172.18.0.77:80"), **more))


@pytest.mark.parametrize("more", [
    {"blind": (Blind("containers", "x", hides=False), Blind("sockets", "y"))},
    {"engine": (DOCKER, Engine(name="podman", state="stopped"), Engine(rootless=True, state="stopped"))},
    {"kernel": None},
])  # fmt: skip
def test_what_hides_no_container_keeps_nobody_from_judging(more):
    assert len(orphans(evidence(dnat(8081, "172.18.0.77:80"), **more))) == 1


def test_without_a_rule_of_dockers_there_is_nothing_to_judge():
    assert orphans(Evidence(nat=nat("-A MINE -p tcp -m tcp --dport 1 -j REDIRECT"))) == ()
    assert foreign(Evidence(nat=())) == ()


def test_foreign_rules():
    lines = [LIVE, dnat(8081, "172.18.0.77:80"), dnat(8082, "192.0.2.9:80"), dnat(8083, "172.18.0.2:80", "-i eth0 ")]

    assert [rule.first for rule in foreign(evidence(*lines))] == [8082, 8083]


def test_docker_never_redirects():
    line = "-A DOCKER -p tcp -m tcp --dport 8081 -j REDIRECT --to-ports 80"

    assert [rule.first for rule in foreign(evidence(LIVE, line))] == [8081]
    assert [rule.first for rule in foreign(Evidence(nat=nat(line)))] == [8081]  # whatever runs


def recorded(folder, state, **more):
    tables = tables_of(folder, state)
    known = {(one.family, one.name) for one in tables if one.backend == "iptables-nft"}
    rules = nat_rules([one for one in tables if one.backend != "nft" or (one.family, one.name) not in known])
    return evidence(**{"nat": rules, **more})


WEB2 = Container("web2" + "0" * 60, "web2", engine=SOCKET, addresses=("172.18.0.3",))
NONE = {"containers": (), "publications": (), "endpoints": (BRIDGE,)}
BOTH_RUN = {"containers": (WEB, WEB2), "publications": (published(WEB, "8080:80"), published(WEB2, "8081:80")),
            "endpoints": (BRIDGE, endpoint(WEB.id, "172.18.0.2"), endpoint(WEB2.id, "172.18.0.3"))}  # fmt: skip
WEB2_RUNS = {
    "containers": (WEB2,),
    "publications": (published(WEB2, "8081:80"),),
    "endpoints": (BRIDGE, endpoint(WEB2.id, "172.18.0.3")),
}
RECORDED = [
    # a recorded state, what runs, and the ports of the orphaned rules
    ("engine-20.10.24-orphan", "plain-0-running", BOTH_RUN, []),
    ("engine-20.10.24-orphan", "plain-1-daemon-and-web-killed", NONE, ["dnat 8080", "dnat 8081"]),
    ("engine-20.10.24-orphan", "plain-2-after-restart", NONE, []),
    ("engine-20.10.24-orphan", "live-restore-1-daemon-and-web-killed", WEB2_RUNS, ["dnat 8080"]),
    ("engine-26.1.5-orphan", "plain-1-daemon-and-web-killed", NONE, ["dnat 8080", "dnat 8081"]),
    ("engine-26.1.5-orphan", "live-restore-2-after-restart", WEB2_RUNS, []),
    ("engine-28.5.2-orphan", "plain-0-running", BOTH_RUN, []),
    ("engine-28.5.2-orphan", "plain-1-daemon-and-web-killed", NONE, ["drop 172.18.0.2", "drop 172.18.0.3", "dnat 8080", "dnat 8081"]),
    ("engine-28.5.2-orphan", "live-restore-1-daemon-and-web-killed", WEB2_RUNS, ["drop 172.18.0.2", "dnat 8080"]),
    ("engine-29.7.2-orphan", "plain-1-daemon-and-web-killed", NONE, ["dnat 8080", "dnat 8081", "drop 172.18.0.2", "drop 172.18.0.3"]),
    ("engine-29.7.2-orphan", "live-restore-1-daemon-and-web-killed", WEB2_RUNS, ["dnat 8080", "drop 172.18.0.2"]),
]  # fmt: skip


@pytest.mark.parametrize("folder, state, runs, expected", RECORDED, ids=[f"{row[0]} {row[1]}" for row in RECORDED])
def test_recorded_engines_that_were_killed(folder, state, runs, expected):
    found = orphans(recorded(folder, state, **runs))

    assert [f"{one.rule.action} {one.rule.first or one.rule.ip}" for one in found] == expected


@pytest.mark.parametrize("version", ["20.10.24", "26.1.5", "28.5.2"])
def test_recorded_rules_by_hand(version):
    """Before the live rule for 8081 somebody put one to nobody; 8099 leads to nobody, too."""
    runs = {"containers": (WEB,), "publications": (published(WEB, "8080:80"), published(WEB, "8081:80"))}

    found = orphans(recorded(f"engine-{version}-states", "orphan-by-hand", **runs))

    assert [(one.rule.first, one.why, one.shadows) for one in found] == [
        (8081, NOBODY, True),
        (8099, "no running container has 172.18.0.99", False),
    ]


LIVE_ENGINES = (
    "engine-20.10.24-proxy",
    "engine-26.1.5-proxy",
    "engine-28.5.2-proxy",
    "engine-28.5.2-noproxy",
    "engine-29.7.2-iptables-proxy",
    "engine-29.7.2-iptables-noproxy",
    "engine-29.7.2-nftables-proxy",
    "engine-29.7.2-nftables-noproxy",
)


def inspected(folder, state="many-ports"):
    """What the engine's own documents of that very moment say runs."""
    (containers,) = (FOLDER / folder).glob(f"{state}.*.docker-inspect.json")
    (networks,) = (FOLDER / folder).glob(f"{state}.*.docker-network-inspect.json")
    known, publications, endpoints = [], [], []
    for one in json.loads(containers.read_text(encoding="utf-8")):
        nets = one["NetworkSettings"]["Networks"].values()
        ips = tuple(ip for net in nets for ip in (net["IPAddress"], net["GlobalIPv6Address"]) if ip)
        known.append(Container(one["Id"], one["Name"].strip("/"), addresses=ips, engine=SOCKET))
        for target, hosts in one["NetworkSettings"]["Ports"].items():
            port, _slash, protocol = target.partition("/")
            for host in hosts or ():
                ports = f"{host['HostPort']}:{port}/{protocol}"
                publications.append(published(known[-1], ports, ip=host["HostIp"]))
    for net in json.loads(networks.read_text(encoding="utf-8")):
        bridge = net["Options"].get("com.docker.network.bridge.name", f"br-{net['Id'][:12]}")
        for config in net["IPAM"]["Config"] or ():
            endpoints.append(NetworkEndpoint(net["Name"], bridge, config["Subnet"]))
    return {"containers": tuple(known), "publications": tuple(publications), "endpoints": tuple(endpoints)}


@pytest.mark.parametrize("folder", LIVE_ENGINES)
def test_no_live_rule_of_any_engine_is_an_orphan(folder):
    runs = inspected(folder)
    kernel = Kernel(bridges=tuple({one.bridge for one in runs["endpoints"]}))
    engine = dataclasses.replace(DOCKER, version=folder.split("-")[1])
    whole = recorded(folder, "many-ports", kernel=kernel, engine=(engine,), **runs)

    assert len(runs["publications"]) >= 8
    assert orphans(whole) == ()
    assert foreign(whole) == ()
    assert unrouted(whole) == ()


@pytest.mark.parametrize("version", ["20.10.24", "26.1.5", "28.5.2"])
def test_nor_is_one_of_a_recorded_swarm(version):
    """The engine tells the sandbox of the routing mesh as an endpoint of docker_gwbridge, and of no container."""
    folder = f"engine-{version}-swarm"
    runs = inspected(folder, "services")
    gateway = {"bridge": "docker_gwbridge", "network": "docker_gwbridge"}
    ends = tuple(endpoint(who, ip, name=name, **gateway) for who, name, ip in told_of_gateway(folder))
    engine = dataclasses.replace(DOCKER, version=version)

    whole = recorded(folder, "services", engine=(engine,), **{**runs, "endpoints": (*runs["endpoints"], *ends)})

    assert len(ends) == 2
    assert len([rule for rule in whole.nat if rule.owner == "swarm"]) == 1
    assert orphans(whole) == ()
    assert foreign(whole) == ()


def told_of_gateway(folder):
    """Whom the engine tells on docker_gwbridge: (container, name, address)."""
    (networks,) = (FOLDER / folder).glob("services.*.docker-network-inspect.json")
    found = next(one for one in json.loads(networks.read_text(encoding="utf-8")) if one["Name"] == "docker_gwbridge")
    return [(who, end["Name"], end["IPv4Address"].partition("/")[0]) for who, end in found["Containers"].items()]


FLUSHED = {"publications": (published(WEB, "8080:80"), published(WEB, "8080:80", ip="::"))}


@pytest.mark.parametrize("version", ["20.10.24", "26.1.5", "28.5.2"])
def test_published_ports_whose_rules_were_flushed(version):
    found = unrouted(recorded(f"engine-{version}-states", "flushed-nat-docker-chain", **FLUSHED))

    assert [(one.first, one.ip) for one in found] == [
        (8080, "0.0.0.0")
    ]  # the container has no IPv6: its proxy serves [::]


def test_a_dead_chain_leads_nowhere():
    found = unrouted(recorded("engine-29.7.2-nftables-states", "after-flush-and-new-publish", **FLUSHED))

    assert [(one.first, one.ip) for one in found] == [(8080, "0.0.0.0")]


def test_ipv6_rules_are_expected_of_an_engine_that_writes_them():
    six = dataclasses.replace(WEB, addresses=("172.18.0.2", "fd00::2"))
    old = dataclasses.replace(DOCKER, version="26.1.5")

    assert [one.ip for one in unrouted(evidence(LIVE, containers=(six,), **FLUSHED))] == ["::"]
    assert unrouted(evidence(LIVE, containers=(six,), engine=(old,), **FLUSHED)) == ()


def test_a_task_of_swarm_in_host_mode_has_an_address_that_only_the_network_tells():
    task = dataclasses.replace(WEB, addresses=("10.0.0.4",))
    gateway = endpoint(WEB.id, "172.19.0.3", "docker_gwbridge", "docker_gwbridge", "172.19.0.0/16", "gateway_4c8c")
    rule = dnat(8080, "172.19.0.3:80", "! -i docker_gwbridge ")

    assert unrouted(evidence(rule, containers=(task,), endpoints=(BRIDGE, gateway))) == ()


def test_hidden_rules_are_not_called_missing():
    hidden = {"nat": (), "blind": (Blind("nat", "nft is not installed", part="rules of nft"),), **FLUSHED}

    with pytest.raises(Undecided, match=r"^rules of nft: nft is not installed$"):
        unrouted(evidence(**hidden))
    with pytest.raises(Undecided, match=r"^nat was not gathered$"):
        unrouted(evidence(**{**hidden, "nat": None}))
    assert unrouted(evidence(LIVE, **{**hidden, "nat": nat(LIVE)})) == ()


def test_an_engine_that_writes_no_rules_needs_none():
    rootless = dataclasses.replace(DOCKER, rootless=True)

    assert unrouted(evidence(nat=(), engine=(rootless,), **FLUSHED)) == ()
