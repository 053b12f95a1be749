# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import chains, policy
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.published import Published
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.surroundings import Surroundings

AROUND = Surroundings(
    bridges=("shop0",),
    foreign=("br-lan",),
    published=(
        Published(4, "tcp", "", 8000, 8001, turned=True, proxied=True),
        Published(4, "tcp", "127.0.0.1", 5432, 5432, turned=True),
        Published(4, "udp", "192.0.2.1", 53, 53, turned=True),
        Published(6, "tcp", "", 8000, 8000, proxied=True),
    ),
)
INSIDE = ["-i br-+ -j RETURN", "-i docker0 -j RETURN", "-i docker_gwbridge -j RETURN", "-i shop0 -j RETURN"]
KNOWN = "-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN"


def laid(family, with_sets=False, **options):
    return chains.lay_out(policy.parse({"default": "deny", **options}), AROUND, family, with_sets)


def rules(family, *rules, with_sets=False):
    return laid(family, with_sets, rules=list(rules), default="allow").chains["DOCKMASTER-POLICY"]


def test_the_way_to_the_policy_ipv4():
    found = laid(4, trusted_interfaces=["wg0", "tun*"], routed_networks=["10.7.0.0/16", "2001:db8::/64"]).chains

    trusted = ["-i wg0 -j RETURN", "-i tun+ -j RETURN"]
    assert found == {
        "DOCKMASTER": [KNOWN, *trusted, "-i br-lan -g DOCKMASTER-OUTSIDE", *INSIDE, "-g DOCKMASTER-OUTSIDE"],
        "DOCKMASTER-OUTSIDE": [
            "-o br-lan -j RETURN",
            "-o br-+ -g DOCKMASTER-CONTAINER",
            "-o docker0 -g DOCKMASTER-CONTAINER",
            "-o docker_gwbridge -g DOCKMASTER-CONTAINER",
            "-o shop0 -g DOCKMASTER-CONTAINER",
        ],
        "DOCKMASTER-CONTAINER": [
            "-m conntrack --ctorigdst 127.0.0.0/8 -j DROP",
            "-m conntrack --ctstate DNAT -g DOCKMASTER-POLICY",
            "-d 10.7.0.0/16 -j RETURN",
            '-m comment --comment "not a published port" -j DROP',
        ],
        "DOCKMASTER-POLICY": ["-m comment --comment default -j DROP"],
        "DOCKMASTER-INPUT": [
            KNOWN,
            "-i lo -j RETURN",
            *trusted,
            "-i br-lan -g DOCKMASTER-LOCAL",
            *INSIDE,
            "-g DOCKMASTER-LOCAL",
        ],
        "DOCKMASTER-LOCAL": [
            "-p tcp -m tcp --dport 8000:8001 -g DOCKMASTER-POLICY",
            "-d 192.0.2.1/32 -p udp -m udp --dport 53 -g DOCKMASTER-POLICY",
        ],
    }


def test_the_way_to_the_policy_ipv6():
    found = laid(6, routed_networks=["10.7.0.0/16", "2001:db8::/64"]).chains

    assert found["DOCKMASTER-CONTAINER"] == [
        "-m conntrack --ctstate DNAT -g DOCKMASTER-POLICY",
        "-d 2001:db8::/64 -j RETURN",
        '-m comment --comment "not a published port" -j DROP',
    ]
    assert found["DOCKMASTER-LOCAL"] == ["-p tcp -m tcp --dport 8000 -g DOCKMASTER-POLICY"]


def test_a_policy_that_allows_leaves_containers_own_addresses_alone():
    found = laid(4, default="allow").chains

    assert found["DOCKMASTER-CONTAINER"] == ["-m conntrack --ctstate DNAT -g DOCKMASTER-POLICY"]
    assert found["DOCKMASTER-POLICY"] == []


ORIGINAL = "-m conntrack --ctorigdstport 5432 --ctdir ORIGINAL"
RULES = [
    (
        {"ports": ["5432"], "action": "allow"},
        [f"-p tcp {ORIGINAL} -m comment --comment 1 -j RETURN"],
        [f"-p tcp {ORIGINAL} -m comment --comment 1 -j RETURN"],
    ),
    (
        {"ports": ["5432"], "action": "deny", "sources": ["10.0.0.0/8", "192.0.2.7"], "comment": "the 'db'"},
        [
            f"-s 10.0.0.0/8 -p tcp {ORIGINAL} -m comment --comment \"1: the 'db'\" -j DROP",
            f"-s 192.0.2.7/32 -p tcp {ORIGINAL} -m comment --comment \"1: the 'db'\" -j DROP",
        ],
        [],
    ),
    (
        {
            "ports": ["5432"],
            "action": "reject",
            "sources": ["::/0"],
            "host_ip": "2001:db8::1",
            "in_interfaces": ["eth0", "tun*"],
        },
        [],
        [
            "-i eth0 -p tcp -m conntrack --ctorigdst 2001:db8::1 --ctorigdstport 5432 --ctdir ORIGINAL"
            " -m comment --comment 1 -j REJECT --reject-with tcp-reset",
            "-i tun+ -p tcp -m conntrack --ctorigdst 2001:db8::1 --ctorigdstport 5432 --ctdir ORIGINAL"
            " -m comment --comment 1 -j REJECT --reject-with tcp-reset",
        ],
    ),
    (
        {"ports": ["all"], "action": "reject"},
        [
            "-p tcp -m conntrack --ctdir ORIGINAL -m comment --comment 1 -j REJECT --reject-with tcp-reset",
            "-m conntrack --ctdir ORIGINAL -m comment --comment 1 -j REJECT --reject-with icmp-port-unreachable",
        ],
        [
            "-p tcp -m conntrack --ctdir ORIGINAL -m comment --comment 1 -j REJECT --reject-with tcp-reset",
            "-m conntrack --ctdir ORIGINAL -m comment --comment 1 -j REJECT --reject-with icmp6-port-unreachable",
        ],
    ),
    (
        {"ports": ["8000-8010/udp"], "action": "deny", "log": True, "host_ip": "192.0.2.0/24"},
        [
            "-p udp -m conntrack --ctorigdst 192.0.2.0/24 --ctorigdstport 8000:8010 --ctdir ORIGINAL -m comment --comment 1"
            ' -m limit --limit 30/min --limit-burst 10 -j LOG --log-prefix "dockmaster deny 1: "',
            "-p udp -m conntrack --ctorigdst 192.0.2.0/24 --ctorigdstport 8000:8010 --ctdir ORIGINAL -m comment --comment 1"
            " -j DROP",
        ],
        [],
    ),
]


@pytest.mark.parametrize("rule, v4, v6", RULES)
def test_rules(rule, v4, v6):
    assert (rules(4, rule), rules(6, rule)) == (v4, v6)


MANY = [f"10.0.{number}.1" for number in range(16)]


def test_many_networks_of_a_rule_are_a_set():
    found = laid(4, with_sets=True, rules=[{"ports": ["5432"], "sources": MANY, "action": "allow"}])

    (name,) = found.sets
    assert found.sets[name] == tuple(f"{address}/32" for address in MANY)
    assert found.chains["DOCKMASTER-POLICY"][0] == (
        f"-p tcp {ORIGINAL} -m set --match-set {name} src -m comment --comment 1 -j RETURN"
    )


def test_without_ipset_each_network_has_its_rule():
    assert len(rules(4, {"ports": ["5432"], "sources": MANY, "action": "allow"})) == len(MANY)


def test_a_set_is_called_after_what_is_in_it():
    assert chains.set_name(4, MANY) == chains.set_name(4, list(MANY))
    assert chains.set_name(4, MANY) != chains.set_name(4, MANY[1:])
    assert len(chains.set_name(6, MANY)) <= 31  # IPSET_MAXNAMELEN, less its NUL


@pytest.mark.parametrize(
    "text, comment",
    [
        ("db", "-m comment --comment db"),
        ("db from app", '-m comment --comment "db from app"'),
        ('a "b" \\ c', '-m comment --comment "a ?b? ? c"'),
        ("Bücher\x1b[31m", '-m comment --comment "B?cher?[31m"'),
        ("x" * 300, "-m comment --comment " + "x" * 100),
    ],
)
def test_comment(text, comment):
    assert chains.comment(text) == comment
