# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tables divert and drop."""

from __future__ import annotations

import time

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._probes import iptables_save
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.nat import nat_rules
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.rule_recordings import tables_of

BASE = ":PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"


def save(name, *lines):
    """A table whose chains are those that its rules name."""
    chains = dict.fromkeys(line.split()[1] for line in lines if line.split()[1] not in ("PREROUTING", "OUTPUT"))
    text = f"*{name}\n{BASE}" + "".join(f":{chain} - [0:0]\n" for chain in chains) + "\n".join(lines) + "\nCOMMIT\n"
    return iptables_save.parse(text, "iptables-nft", "ip")


def told(rule):
    """A rule in short: owner, action, what it matches, where it sends to."""
    ports = "*" if not rule.first else str(rule.first) if rule.first == rule.last else f"{rule.first}-{rule.last}"
    to = f" > {rule.to_ip or '='}:{rule.to_first or '='}" if rule.action in ("dnat", "redirect") else ""
    only = f" if {rule.condition}" if rule.condition else ""
    hooks = "+".join(rule.hooks) + ("/local" if rule.local_only else "")
    return f"{rule.owner} {rule.action} {rule.ip or '*'}:{ports}/{rule.protocol or '*'}{to} {hooks or 'dead'}{only}"


BOTH = "prerouting+output/local"
ENGINES = [
    ("engine-20.10.24-proxy", "one-port", [
        f"docker return *:*/* {BOTH}",
        f"docker dnat *:8080/tcp > 172.18.0.2:80 {BOTH}",
    ]),
    ("engine-26.1.5-noproxy", "one-port", [f"docker dnat *:8080/tcp > 172.18.0.2:80 {BOTH}"]),
    ("engine-28.5.2-proxy", "many-ports", [
        "docker drop 172.18.0.2:*/* prerouting",
        "docker drop 172.18.0.3:*/* prerouting",
        "docker drop 127.0.0.1:8081/tcp prerouting",
        "docker drop 172.18.0.4:*/* prerouting",
        "docker drop 172.18.0.5:*/* prerouting",
        "docker drop 172.18.0.6:*/* prerouting",
        "docker drop 172.18.0.7:*/* prerouting",
        "docker drop 10.77.0.10:*/* prerouting",
        "docker drop 10.78.0.2:*/* prerouting",
        f"docker return *:*/* {BOTH}",
        f"docker return *:*/* {BOTH}",
        f"docker return *:*/* {BOTH}",
        f"docker dnat *:8080/tcp > 172.18.0.2:80 {BOTH}",
        f"docker dnat 127.0.0.1:8081/tcp > 172.18.0.3:80 {BOTH}",
        f"docker dnat *:8053/udp > 172.18.0.4:53 {BOTH}",
        f"docker dnat *:9000/tcp > 172.18.0.5:9000 {BOTH}",
        f"docker dnat *:9001/tcp > 172.18.0.5:9001 {BOTH}",
        f"docker dnat *:9002/tcp > 172.18.0.5:9002 {BOTH}",
        f"docker dnat *:32768/tcp > 172.18.0.6:80 {BOTH}",
        f"docker dnat *:8083/tcp > 10.77.0.10:80 {BOTH}",
        f"docker dnat *:8084/tcp > 10.78.0.2:80 {BOTH}",
        "docker drop fd00:77::2:*/* prerouting",
        f"docker return *:*/* {BOTH}",
        f"docker dnat *:8084/tcp > fd00:77::2:80 {BOTH} if ! -s fe80::/10",
    ]),
    ("engine-28.5.2-swarm", "services", [
        "docker drop 172.17.0.2:*/* prerouting",
        "docker drop 172.18.0.2:*/* prerouting",
        "docker drop 172.18.0.3:*/* prerouting",
        f"docker return *:*/* {BOTH}",
        f"docker return *:*/* {BOTH}",
        f"docker dnat *:8084/tcp > 172.17.0.2:80 {BOTH}",
        f"swarm dnat *:8085/tcp > 172.18.0.2:8085 {BOTH}",
    ]),
    ("engine-29.7.2-iptables-proxy", "one-port", [
        "docker drop 172.18.0.2:*/* prerouting",
        f"docker dnat *:8080/tcp > 172.18.0.2:80 {BOTH}",
    ]),
    ("engine-29.7.2-nftables-proxy", "one-port", [
        f"docker dnat *:8080/tcp > 172.18.0.2:80 {BOTH}",
        "docker drop 172.18.0.2:*/* prerouting",
    ]),
    ("engine-29.7.2-nftables-states", "after-flush-and-new-publish", [  # the base chain of nat is gone, raw's is back
        "docker drop 172.18.0.2:*/* prerouting",
        "docker drop 172.18.0.3:*/* prerouting",
        "docker drop 172.18.0.4:*/* prerouting",
        "docker dnat *:8080/tcp > 172.18.0.2:80 dead",
        "docker dnat *:8092/tcp > 172.18.0.3:80 dead",
        "docker dnat *:8093/tcp > 172.18.0.4:80 dead",
    ]),
    ("nft-1.0.6-samples", "netavark", [
        f"netavark dnat *:8080/tcp > 10.88.0.2:80 {BOTH}",
        f"netavark dnat 127.0.0.1:8081/tcp > 10.88.0.3:80 {BOTH}",
    ]),
    ("nft-1.0.6-samples", "kube-proxy", [
        "kubernetes dnat 172.30.0.41:80/tcp > 10.180.0.1:80 prerouting+output",
        "kubernetes dnat 172.30.0.42:80/tcp > 10.180.0.2:8080 prerouting+output",
        "kubernetes dnat 192.168.0.2:30001/tcp > 10.180.0.2:8080 prerouting+output",
    ]),
]  # fmt: skip


def recorded(folder, state):
    """The rules of a recorded state. iptables' own tables are in nft's ruleset too, and count once."""
    tables = tables_of(folder, state)
    known = {(one.family, one.name) for one in tables if one.backend == "iptables-nft"}
    return nat_rules([one for one in tables if one.backend != "nft" or (one.family, one.name) not in known])


@pytest.mark.parametrize("folder, state, expected", ENGINES, ids=[f"{row[0]} {row[1]}" for row in ENGINES])
def test_recorded_rulesets(folder, state, expected):
    assert [told(rule) for rule in recorded(folder, state)] == expected


def test_a_rule_is_reported_as_it_is_printed():
    found = recorded("engine-28.5.2-proxy", "one-port")[-1]

    assert (found.backend, found.family, found.table, found.chain, found.position) == (
        "iptables-nft",
        "ip",
        "nat",
        "DOCKER",
        2,
    )
    assert found.text == "-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.18.0.2:80"
    assert (found.not_in_interface, found.in_interface, found.handle) == ("docker0", "", None)


def test_a_rule_of_nft_has_its_handle():
    found = recorded("engine-29.7.2-nftables-proxy", "many-ports")[0]

    assert (found.backend, found.family, found.table, found.chain) == (
        "nft",
        "ip",
        "docker-bridges",
        "nat-prerouting-and-output",
    )
    assert (found.handle, found.position) == (187, 1)
    assert found.text == 'iifname != "docker0" tcp dport 8080 counter dnat to 172.18.0.2:80 comment "DNAT"'


KUBE_OLD = [
    "-A PREROUTING -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES",
    "-A OUTPUT -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES",
    "-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000",
    "-A KUBE-SERVICES -d 10.96.120.15/32 -p tcp -m comment --comment \"demo/web:http cluster IP\" -m tcp --dport 80 -j KUBE-SVC-ULMVA6XW",
    "-A KUBE-SERVICES -m comment --comment \"kubernetes service nodeports; NOTE: this must be the last rule in this chain\""
    " -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS",
    "-A KUBE-NODEPORTS -p tcp -m comment --comment \"demo/web:http\" -m tcp --dport 30080 -j KUBE-EXT-ULMVA6XW",
    "-A KUBE-NODEPORTS -p tcp -m comment --comment \"demo/old\" -m tcp --dport 30653 -j KUBE-MARK-MASQ",
    "-A KUBE-NODEPORTS -p tcp -m comment --comment \"demo/old\" -m tcp --dport 30653 -j KUBE-SVC-V2OKYYMBY3REGZOG",
    "-A KUBE-EXT-ULMVA6XW -m comment --comment \"masquerade traffic for demo/web:http external destinations\" -j KUBE-MARK-MASQ",
    "-A KUBE-EXT-ULMVA6XW -j KUBE-SVC-ULMVA6XW",
    "-A KUBE-SVC-ULMVA6XW ! -s 10.244.0.0/16 -d 10.96.120.15/32 -p tcp -m comment --comment \"demo/web:http cluster IP\""
    " -m tcp --dport 80 -j KUBE-MARK-MASQ",
    "-A KUBE-SVC-ULMVA6XW -m comment --comment \"demo/web:http -> 10.244.1.5:8080\" -m statistic --mode random"
    " --probability 0.50000000000 -j KUBE-SEP-5OJB2KTY",
    "-A KUBE-SVC-ULMVA6XW -m comment --comment \"demo/web:http -> 10.244.2.7:8080\" -j KUBE-SEP-HQ3WZ7KF",
    "-A KUBE-SVC-V2OKYYMBY3REGZOG -j KUBE-SEP-HQ3WZ7KF",
    "-A KUBE-SEP-5OJB2KTY -s 10.244.1.5/32 -m comment --comment \"demo/web:http\" -j KUBE-MARK-MASQ",
    "-A KUBE-SEP-5OJB2KTY -p tcp -m comment --comment \"demo/web:http\" -m tcp -j DNAT --to-destination 10.244.1.5:8080",
    "-A KUBE-SEP-HQ3WZ7KF -p tcp -m comment --comment \"demo/web:http\" -m tcp -j DNAT --to-destination 10.244.2.7:8080",
]  # fmt: skip
CNI = [
    "-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT",
    "-A OUTPUT -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT",
    "-A CNI-HOSTPORT-SETMARK -j MARK --set-xmark 0x2000/0x2000",
    '-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \\"bridge\\" id: \\"abc\\"" -m multiport --dports 8081,8082'
    " -j CNI-DN-2e2f8d5b91929ef9fc152",
    "-A CNI-DN-2e2f8d5b91929ef9fc152 -s 10.4.0.0/24 -p tcp -m tcp --dport 8081 -j CNI-HOSTPORT-SETMARK",
    "-A CNI-DN-2e2f8d5b91929ef9fc152 -p tcp -m tcp --dport 8081 -j DNAT --to-destination 10.4.0.7:80",
    "-A CNI-DN-2e2f8d5b91929ef9fc152 -d 127.0.0.1/32 -p tcp -m tcp --dport 8082 -j DNAT --to-destination 10.4.0.7:81",
]
NETAVARK = [
    "-A PREROUTING -m addrtype --dst-type LOCAL -j NETAVARK-HOSTPORT-DNAT",
    "-A NETAVARK-HOSTPORT-DNAT -p tcp -m tcp --dport 8080 -j NETAVARK-DN-1D8721804F16F",
    "-A NETAVARK-DN-1D8721804F16F -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.88.0.2:80",
]
SWARM = [
    "-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER-INGRESS",
    "-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER",
    "-A DOCKER-INGRESS -p tcp -m tcp --dport 8085 -j DNAT --to-destination 172.18.0.2:8085",
    "-A DOCKER-INGRESS -j RETURN",
    "-A DOCKER -i docker_gwbridge -j RETURN",
]
BY_HAND = [
    # rules of table nat, and what is told of them
    (KUBE_OLD, [
        "kubernetes dnat 10.96.120.15:80/tcp > 10.244.1.5:8080 prerouting+output",
        "kubernetes dnat *:30080/tcp > 10.244.1.5:8080 prerouting+output/local",
        "kubernetes dnat *:30653/tcp > 10.244.2.7:8080 prerouting+output/local",
    ]),
    (CNI, [f"cni dnat *:8081/tcp > 10.4.0.7:80 {BOTH}", f"cni dnat 127.0.0.1:8082/tcp > 10.4.0.7:81 {BOTH}"]),
    (NETAVARK, ["netavark dnat *:8080/tcp > 10.88.0.2:80 prerouting/local"]),
    (SWARM, ["swarm dnat *:8085/tcp > 172.18.0.2:8085 prerouting/local"]),
    # in a built-in chain, two ranges, one address
    (["-A PREROUTING -d 192.0.2.1/32 -p tcp -m multiport --dports 80,8000:8010 -j REDIRECT --to-ports 3128"],
     ["other redirect 192.0.2.1:80/tcp > =:3128 prerouting", "other redirect 192.0.2.1:8000-8010/tcp > =:3128 prerouting"]),
    # every port, every protocol
    (["-A PREROUTING -i eth0 -j DNAT --to-destination 10.0.0.1"], ["other dnat *:*/* > 10.0.0.1:= prerouting"]),
    # a dead rule: nobody jumps to its chain
    (["-A MINE -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.1:80"], ["other dnat *:80/tcp > 10.0.0.1:80 dead"]),
    # what spares traffic: before the rule, not after; also before a jump that leads there
    (["-A PREROUTING -p tcp -m tcp --dport 80 -s 10.0.0.0/8 -j ACCEPT",
      "-A PREROUTING -j MINE",
      "-A PREROUTING -j ACCEPT",
      "-A MINE -i lo -j RETURN",
      "-A MINE -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.1:80",
      "-A MINE -j RETURN"],
     ["other accept *:80/tcp prerouting if -s 10.0.0.0/8", "other return *:*/* prerouting",
      "other dnat *:80/tcp > 10.0.0.1:80 prerouting"]),
    # what every jump on the way matches on narrows the rule; what only one of two does, does not
    (["-A PREROUTING -i eth0 -j A", "-A A -s 10.0.0.0/8 -j B", "-A B -p tcp -m tcp --dport 80 -j REDIRECT"],
     ["other redirect *:80/tcp > =:= prerouting if -i eth0 -s 10.0.0.0/8"]),
    (["-A PREROUTING -i eth0 -j A", "-A PREROUTING -j A", "-A A -p tcp -m tcp --dport 80 -j REDIRECT"],
     ["other redirect *:80/tcp > =:= prerouting"]),
    (["-A PREROUTING -m addrtype --dst-type LOCAL -j A", "-A OUTPUT -j A", "-A A -p tcp -m tcp --dport 80 -j REDIRECT"],
     ["other redirect *:80/tcp > =:= prerouting+output"]),
    (["-A PREROUTING -m addrtype --dst-type LOCAL -j A", "-A PREROUTING -j A", "-A A -p tcp -m tcp --dport 80 -j REDIRECT"],
     ["other redirect *:80/tcp > =:= prerouting"]),
    # the port stands in the jump: the jump is the rule, in its own words
    (["-A PREROUTING -p udp -m udp --dport 53 -j A", "-A A -s 10.0.0.0/8 -j DNAT --to-destination 10.0.0.1"],
     ["other dnat *:53/udp > 10.0.0.1:= prerouting if -s 10.0.0.0/8"]),
    # a chain with and without: the translation itself is told too
    (["-A PREROUTING -p udp -m udp --dport 53 -j A", "-A PREROUTING -j A", "-A A -j DNAT --to-destination 10.0.0.1"],
     ["other dnat *:53/udp > 10.0.0.1:= prerouting", "other dnat *:*/* > 10.0.0.1:= prerouting"]),
    # jumps in a circle end
    (["-A PREROUTING -p tcp -m tcp --dport 1 -j A", "-A A -j B", "-A B -j A", "-A B -p tcp -m tcp --dport 80 -j REDIRECT"],
     ["other redirect *:80/tcp > =:= prerouting"]),
    (["-A PREROUTING -j ACCEPT", "-A OUTPUT -p tcp -j RETURN"], []),
]  # fmt: skip


@pytest.mark.parametrize("lines, expected", BY_HAND, ids=range(len(BY_HAND)))
def test_rules_by_hand(lines, expected):
    assert [told(rule) for rule in nat_rules(save("nat", *lines))] == expected


DROPS = [
    # a rule of table raw, and what is told of it
    ("-A PREROUTING -d 172.18.0.2/32 ! -i docker0 -j DROP", ["docker drop 172.18.0.2:*/* prerouting"]),
    ("-A PREROUTING -d 172.18.0.2/32 ! -i br-0123456789ab -j DROP", ["docker drop 172.18.0.2:*/* prerouting"]),
    ("-A PREROUTING -d 172.18.0.2/32 ! -i mybridge -j DROP", ["docker drop 172.18.0.2:*/* prerouting"]),
    ("-A PREROUTING -d 172.18.0.2/32 ! -i eth0 -j DROP", ["other drop 172.18.0.2:*/* prerouting"]),
    ("-A PREROUTING -d 172.18.0.2/32 ! -i docker0 -p tcp -m tcp --dport 80 -j DROP", ["docker drop 172.18.0.2:80/tcp prerouting"]),
    ("-A PREROUTING -d 172.18.0.2/32 -i eth0 -j DROP", ["other drop 172.18.0.2:*/* prerouting"]),
    ("-A PREROUTING -s 10.0.0.0/8 -d 172.18.0.2/32 ! -i docker0 -j DROP", ["other drop 172.18.0.2:*/* prerouting if -s 10.0.0.0/8"]),
    ("-A PREROUTING -d 127.0.0.1/32 ! -i lo -p tcp -m tcp --dport 8081 -j DROP", ["docker drop 127.0.0.1:8081/tcp prerouting"]),
    ("-A PREROUTING -d 127.0.0.1/32 ! -i lo -j DROP", ["other drop 127.0.0.1:*/* prerouting"]),
    ("-A PREROUTING -p tcp -m tcp --dport 23 -j DROP", ["other drop *:23/tcp prerouting"]),
    ("-A PREROUTING -s 203.0.113.0/24 -j DROP", []),
    ("-A OUTPUT -p tcp -m tcp --dport 25 -j DROP", []),
]  # fmt: skip


@pytest.mark.parametrize("line, expected", DROPS)
def test_drops(line, expected):
    assert [told(rule) for rule in nat_rules(save("raw", line), bridges={"mybridge"})] == expected


def test_the_same_form_in_another_table_is_not_dockers():
    line = "-A PREROUTING -d 172.18.0.2/32 ! -i docker0 -j DROP"

    assert [rule.owner for rule in nat_rules(save("mangle", line))] == ["other"]


def test_ten_thousand_services_are_told_in_a_second():
    lines = ["-A PREROUTING -j KUBE-SERVICES", "-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS"]
    for n in range(3000):
        lines += [
            f"-A KUBE-NODEPORTS -p tcp -m tcp --dport {30000 + n} -j KUBE-SVC-{n}",
            f"-A KUBE-SVC-{n} -j KUBE-SEP-{n}",
            f"-A KUBE-SEP-{n} -p tcp -m tcp -j DNAT --to-destination 10.0.0.1:{n + 1}",
        ]
    tables = save("nat", *lines)
    start = time.process_time()
    found = nat_rules(tables)

    assert time.process_time() - start < 1
    assert len(found) == 3000
