# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import time

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import policy, reach, report
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.published import Published

DB = Published(4, "tcp", "", 5432, 5432, turned=True)
DB6 = Published(6, "tcp", "", 5432, 5432, proxied=True)
ONE = Published(4, "tcp", "192.0.2.1", 5432, 5432, turned=True)
LO = Published(4, "tcp", "127.0.0.1", 5432, 5432, turned=True)
RANGE = Published(4, "tcp", "", 8000, 8010, turned=True)
ALLOW = {"ports": ["5432"], "action": "allow"}
APP = {**ALLOW, "sources": ["10.0.0.0/24", "2001:db8::/64"]}

REACHED = [
    # default, rules, published, sentences
    ("deny", [], DB, ["0.0.0.0:5432/tcp: nobody"]),
    ("allow", [], DB, ["0.0.0.0:5432/tcp: everybody"]),
    ("deny", [ALLOW], LO, ["127.0.0.1:5432/tcp: this host"]),
    ("deny", [APP], DB, ["0.0.0.0:5432/tcp: only 10.0.0.0/24"]),
    ("deny", [APP], DB6, ["[::]:5432/tcp: only 2001:db8::/64"]),
    ("deny", [{**APP, "sources": ["10.0.0.0/24"]}], DB6, ["[::]:5432/tcp: nobody"]),
    ("allow", [{**APP, "action": "deny"}], DB, ["0.0.0.0:5432/tcp: everybody except 10.0.0.0/24"]),
    ("deny", [{**APP, "sources": ["10.0.0.7"], "action": "reject"}, APP], DB, [
        "0.0.0.0:5432/tcp: only 10.0.0.0/30, 10.0.0.4/31, 10.0.0.6, 10.0.0.8/29, 10.0.0.16/28, 10.0.0.32/27, 10.0.0.64/26, "
        "10.0.0.128/25",
    ]),
    ("deny", [{**ALLOW, "ports": ["8003-8004"]}], RANGE, [
        "0.0.0.0:8000-8002/tcp: nobody",
        "0.0.0.0:8003-8004/tcp: everybody",
        "0.0.0.0:8005-8010/tcp: nobody",
    ]),
    ("deny", [{**ALLOW, "host_ip": "192.0.2.1"}], DB, [
        "0.0.0.0:5432/tcp: nobody",
        "0.0.0.0:5432/tcp (to 192.0.2.1): everybody",
    ]),
    ("deny", [{**ALLOW, "host_ip": "192.0.2.1"}], ONE, ["192.0.2.1:5432/tcp: everybody"]),
    ("deny", [{**ALLOW, "host_ip": "192.0.2.9"}], ONE, ["192.0.2.1:5432/tcp: nobody"]),
    ("deny", [{**ALLOW, "in_interfaces": ["eth1"]}], DB, [
        "0.0.0.0:5432/tcp: nobody",
        "0.0.0.0:5432/tcp (by eth1): everybody",
    ]),
    ("deny", [{**ALLOW, "host_ip": "192.0.2.1", "in_interfaces": ["eth1"]}], DB, [
        "0.0.0.0:5432/tcp: nobody",
        "0.0.0.0:5432/tcp (to 192.0.2.1, by eth1): everybody",
    ]),
    ("deny", [{**ALLOW, "in_interfaces": ["tun*"]}, {**ALLOW, "in_interfaces": ["tun0"], "action": "deny"}], DB, [
        "0.0.0.0:5432/tcp: nobody",
        "0.0.0.0:5432/tcp (by tun*): everybody",
    ]),
    ("allow", [{**ALLOW, "in_interfaces": ["tun0"]}, {**ALLOW, "in_interfaces": ["tun*"], "action": "deny"}], DB, [
        "0.0.0.0:5432/tcp: everybody",
        "0.0.0.0:5432/tcp (by tun*): nobody",
        "0.0.0.0:5432/tcp (by tun0): everybody",
    ]),
    ("allow", [{**ALLOW, "host_ip": "192.0.2.1"}, {**ALLOW, "host_ip": "192.0.2.0/24", "action": "deny"}], DB, [
        "0.0.0.0:5432/tcp: everybody",
        "0.0.0.0:5432/tcp (to 192.0.2.0/24): nobody",
        "0.0.0.0:5432/tcp (to 192.0.2.1): everybody",
    ]),
    ("deny", [{**ALLOW, "host_ip": "192.0.2.1"}, {**ALLOW, "in_interfaces": ["eth1"]}], DB, [
        "0.0.0.0:5432/tcp: nobody",
        "0.0.0.0:5432/tcp (by eth1): everybody",
        "0.0.0.0:5432/tcp (to 192.0.2.1): everybody",
    ]),
]  # fmt: skip


@pytest.mark.parametrize("default, rules, published, sentences", REACHED)
def test_reachable(default, rules, published, sentences):
    wanted = policy.parse({"default": default, "rules": rules})

    assert [report.sentence(one) for one in reach.reachable(wanted, [published])] == sentences


def test_without_a_policy_everybody_reaches_what_is_not_on_loopback():
    found = reach.reachable(None, [DB, LO])

    assert [report.sentence(one) for one in found] == ["0.0.0.0:5432/tcp: everybody", "127.0.0.1:5432/tcp: this host"]


def test_trusted_interfaces_are_let_in():
    wanted = policy.parse({"default": "deny", "trusted_interfaces": ["wg0"]})

    assert [report.sentence(one) for one in reach.reachable(wanted, [DB])] == [
        "0.0.0.0:5432/tcp: nobody",
        "0.0.0.0:5432/tcp (by wg0): everybody",
    ]


def test_whom_a_rule_closes_out_is_let_in_where_his_interface_is_trusted():
    closed = {**ALLOW, "in_interfaces": ["wg0"], "action": "deny"}
    wanted = policy.parse({"default": "allow", "trusted_interfaces": ["wg*"], "rules": [closed]})

    assert [report.sentence(one) for one in reach.reachable(wanted, [DB])] == ["0.0.0.0:5432/tcp: everybody"]


def test_an_answer_is_said_though_only_the_networks_differ_that_are_not_shown():
    sources = [f"10.0.{number}.1" for number in range(25)]
    rules = [
        {**ALLOW, "sources": sources[:24], "in_interfaces": ["eth1"]},
        {**ALLOW, "sources": [*sources[:23], sources[24]]},
    ]
    wanted = policy.parse({"default": "deny", "rules": rules})

    assert [(one.interface, one.more) for one in reach.reachable(wanted, [DB])] == [("", 4), ("eth1", 5)]


def test_many_networks_are_counted():
    sources = [f"10.0.{number}.1" for number in range(25)]
    wanted = policy.parse({"default": "deny", "rules": [{**ALLOW, "sources": sources}]})

    (found,) = reach.reachable(wanted, [DB])

    assert (len(found.sources), found.more) == (20, 5)
    assert report.sentence(found).endswith(", 10.0.19.1 and 5 more")


def test_a_thousand_rules_of_the_same_ports_are_played_through_in_a_moment():
    networks = [[f"10.{n // 250}.{n % 250}.{m}" for m in range(0, 20, 2)] for n in range(1000)]
    rules = [{**ALLOW, "ports": ["8000-8100"], "sources": some} for some in networks]
    published = [Published(4, "tcp", "", port, port, turned=True) for port in range(8000, 8100, 2)]
    wanted = policy.parse({"default": "deny", "rules": rules})

    start = time.process_time()
    found = reach.reachable(wanted, published)

    assert [(one.published, one.who, one.more) for one in found] == [
        (f"0.0.0.0:{port}/tcp", "only", 9980) for port in range(8000, 8100, 2)
    ]
    assert time.process_time() - start < 3  # seconds; some tenths
