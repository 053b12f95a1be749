# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that real engines wrote goes, and nothing that anybody else wrote."""

from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._backend.leftovers import Leftovers, Networks, leftovers
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import iptables_save
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes import rule_recordings

DUMPS = rule_recordings.saves()
NETWORKS = Networks(frozenset({"docker0"}), frozenset({"172.16.0.0/12", "10.0.0.0/8", "fd00::/8", "2001:db8::/32"}))


def tables_of(text):
    return iptables_save.parse(text, "iptables-nft", "ip")


@pytest.mark.parametrize("path", DUMPS, ids=lambda path: f"{path.parent.name}-{path.name[:40]}")
def test_of_what_an_engine_wrote_nothing_is_left(path):
    tables = rule_recordings.tables_in(path)

    found = leftovers(tables, NETWORKS)

    gone = {(one.table, rule) for one in found for rule in one.rules}
    left = [rule.text for t in tables for c in t.chains.values() for rule in c.rules if (t.name, rule.text) not in gone]
    chains = [
        name
        for t in tables
        for name in t.chains
        if name.startswith("DOCKER") and not any(one.table == t.name and name in one.chains for one in found)
    ]
    assert [rule for rule in left if "ufw" not in rule] == []
    assert chains == []


def test_there_are_recordings():
    assert len(DUMPS) > 100


RULES = """\
*filter
:INPUT ACCEPT [0:0]
:FORWARD {policy} [0:0]
:OUTPUT ACCEPT [0:0]
:DOCKER - [0:0]
:DOCKER-ISOLATION-STAGE-1 - [0:0]
:DOCKER-USER - [0:0]
{declared}-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-ISOLATION-STAGE-1
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A FORWARD -i docker0 -o docker0 -j ACCEPT
-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
-A DOCKER-ISOLATION-STAGE-1 -j RETURN
-A DOCKER-USER -j RETURN
{mine}COMMIT
"""
FORWARD = (
    "-A FORWARD -j DOCKER-ISOLATION-STAGE-1",
    "-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    "-A FORWARD -o docker0 -j DOCKER",
    "-A FORWARD -i docker0 ! -o docker0 -j ACCEPT",
    "-A FORWARD -i docker0 -o docker0 -j ACCEPT",
)
USER = "-A FORWARD -j DOCKER-USER"
LIVE = "-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT"
RETURNS = ("-A DOCKER-ISOLATION-STAGE-1 -j RETURN", "-A DOCKER-USER -j RETURN")
ALL = ("DOCKER", "DOCKER-ISOLATION-STAGE-1", "DOCKER-USER")
MINE = [
    # somebody's rules, what goes, chains that go, somebody's in Docker's chains
    ((), (USER, *FORWARD, LIVE, *RETURNS), ALL, ()),
    (
        ("-A DOCKER-USER -s 203.0.113.9/32 -j DROP",),
        (*FORWARD, LIVE, RETURNS[0]),
        ALL[:2],
        ("-A DOCKER-USER -s 203.0.113.9/32 -j DROP",),
    ),
    # in a chain of Docker's, to an address that is no container's: the chain stays, and what leads there
    (
        ("-A DOCKER -d 192.0.2.7/32 -p tcp -m tcp --dport 22 -j ACCEPT",),
        (USER, *FORWARD[:2], *FORWARD[3:], LIVE, *RETURNS),
        ALL[1:],
        ("-A DOCKER -d 192.0.2.7/32 -p tcp -m tcp --dport 22 -j ACCEPT",),
    ),
    # like Docker's, and not of Docker's form
    (("-A FORWARD -i docker0 -o eth1 -j DROP",), (USER, *FORWARD, LIVE, *RETURNS), ALL, ()),
    (("-A FORWARD -i docker0 ! -o docker0 -j LOG",), (USER, *FORWARD, LIVE, *RETURNS), ALL, ()),
    (("-A FORWARD -i virbr0 -o virbr0 -j ACCEPT",), (USER, *FORWARD, LIVE, *RETURNS), ALL, ()),
    (("-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT",), (USER, *FORWARD, LIVE, *RETURNS), ALL, ()),
]


def filter_table(mine=(), policy="ACCEPT", declared=""):
    text = RULES.format(policy=policy, declared=declared, mine="".join(f"{rule}\n" for rule in mine))
    return leftovers(tables_of(text), NETWORKS)


@pytest.mark.parametrize("mine, rules, chains, kept", MINE)
def test_what_somebody_wrote_stays(mine, rules, chains, kept):
    (found,) = filter_table(mine)

    assert sorted(found.rules) == sorted(rules)
    assert sorted(found.chains) == sorted(chains)
    assert found.kept == kept


POLICIES = [
    # policy, somebody's rules, whether the policy goes, whether it would block
    ("ACCEPT", (), False, False),
    ("DROP", (), True, False),
    ("DROP", ("-A DOCKER-USER -s 203.0.113.9/32 -j DROP",), True, False),
    ("DROP", ("-A FORWARD -i eth0 -o eth1 -j ACCEPT",), False, True),
    ("DROP", ("-A FORWARD -j ufw-before-forward", "-A ufw-before-forward -p icmp -j ACCEPT"), False, True),
]


@pytest.mark.parametrize("policy, mine, goes, blocks", POLICIES)
def test_the_policy_of_forward(policy, mine, goes, blocks):
    (found,) = filter_table(mine, policy, ":ufw-before-forward - [0:0]\n")

    assert (found.policy, found.blocks) == (goes, blocks)


def test_rules_of_another_table_of_nobody_else():
    text = "*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -s {} ! -o {} -j MASQUERADE\nCOMMIT\n"

    assert leftovers(tables_of(text.format("192.168.122.0/24", "virbr0")), NETWORKS) == ()
    (found,) = leftovers(tables_of(text.format("172.17.0.0/16", "docker0")), NETWORKS)
    assert found.rules == ("-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE",)


def test_transaction():
    found = Leftovers("ip", "nat", ("-A PREROUTING -j DOCKER", "-A DOCKER -j RETURN"), ("DOCKER",))

    assert found.transaction() == "*nat\n-D PREROUTING -j DOCKER\n-D DOCKER -j RETURN\n-X DOCKER\nCOMMIT\n"
