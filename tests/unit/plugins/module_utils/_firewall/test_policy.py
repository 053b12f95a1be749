# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import policy
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.policy import PolicyError

RULE = {"ports": ["5432"], "action": "allow", "comment": "database"}
FORM = "expected an address, a network or a range, such as 192.0.2.7, 10.0.0.0/8 or 10.0.0.5-10.0.0.9"
PORT = "is not a published port: expected a port or a rising range within 1-65535, such as 5432, 8000-8010/tcp or 53/udp, or all"

REFUSED = [
    ({"default": None}, "default: it is missing: expected one of allow, deny"),
    ({"default": "reject"}, "default: 'reject' is not one of allow, deny"),
    ({"default": "drop"}, "default: 'drop' is not one of allow, deny"),
    (
        {"trusted_interfaces": ["eth 0"]},
        "trusted_interfaces: 'eth 0' is not an interface: expected a name such as eth0, or tun*",
    ),
    ({"routed_networks": ["app"]}, f"routed_networks: 'app' is not a network: {FORM}"),
]
REFUSED_RULES = [
    ({"ports": ["0"]}, f"rule 2 (database): ports: '0' {PORT}"),
    ({"ports": ["80/icmp"]}, "rule 2 (database): ports: '80/icmp' names no protocol that has ports: expected one of tcp, udp, sctp"),
    ({"ports": []}, "rule 2 (database): ports: it names none: expected published ports, such as 5432 or 53/udp, or all"),
    ({"ports": ["0"], "comment": ""}, f"rule 2: ports: '0' {PORT}"),
    ({"sources": ["10.0.0.0/33"]}, "rule 2 (database): sources: '10.0.0.0/33' is not a network: its prefix is not a number from 0 to 32"),
    ({"sources": []}, "rule 2 (database): sources: the list is empty: leave it out if the rule is about everybody"),
    ({"action": "drop"}, "rule 2 (database): action: 'drop' is not one of allow, deny, reject"),
    ({"action": None}, "rule 2 (database): action: it is missing: expected one of allow, deny, reject"),
    ({"host_ip": "web"}, f"rule 2 (database): host_ip: 'web' is not a network: {FORM}"),
    ({"host_ip": "0.0.0.0"}, "rule 2 (database): host_ip: '0.0.0.0' is no address that a client connects to: leave it out for every address"),
    (
        {"host_ip": "10.0.0.1-10.0.0.2"},
        "rule 2 (database): host_ip: '10.0.0.1-10.0.0.2' is a range: expected an address of this host, or a network",
    ),
    (
        {"host_ip": "192.0.2.1", "sources": ["2001:db8::/32"]},
        "rule 2 (database): it can match nothing: its sources and its host_ip are of two families",
    ),
    ({"in_interfaces": ["a" * 16]}, f"rule 2 (database): in_interfaces: '{'a' * 16}' is not an interface: expected a name such as eth0, or tun*"),
    ({"in_interfaces": ["a" * 15 + "*"]}, f"rule 2 (database): in_interfaces: '{'a' * 15}*' is not an interface: expected a name such as eth0, or tun*"),
    ({"in_interfaces": ["*"]}, "rule 2 (database): in_interfaces: '*' is not an interface: expected a name such as eth0, or tun*"),
    ({"port": 80}, "rule 2 (database): 'port' is not an option of a rule: expected one of ports, sources, host_ip, in_interfaces, action, log, comment"),
]  # fmt: skip


@pytest.mark.parametrize("options, message", REFUSED)
def test_refused(options, message):
    with pytest.raises(PolicyError, match=f"^{re.escape(message)}$"):
        policy.parse({"default": "deny", "rules": [RULE], **options})


@pytest.mark.parametrize("options, message", REFUSED_RULES)
def test_a_refused_rule_is_named_by_number_and_comment(options, message):
    with pytest.raises(PolicyError, match=f"^{re.escape(message)}$"):
        policy.parse({"default": "deny", "rules": [RULE, {**RULE, **options}]})


def test_it_says_what_it_parsed():
    plain = {
        "default": "deny",
        "rules": [
            {
                "ports": ["8080-8090/tcp", "53/udp"],
                "sources": ["10.0.0.0/9", "10.128.0.0/9", "192.0.2.7", "2001:db8::1"],
                "host_ip": "192.0.2.1",
                "in_interfaces": ["eth0", "tun*"],
                "action": "reject",
                "log": True,
                "comment": "two\n  lines",
            },
            {"ports": [443], "action": "allow"},
        ],
        "trusted_interfaces": ["wg0"],
        "routed_networks": ["10.7.0.0/16"],
    }

    parsed = policy.parse(plain)

    assert parsed.plain() == {
        "default": "deny",
        "rules": [
            {
                "ports": ["8080-8090/tcp", "53/udp"],
                "sources": ["10.0.0.0/8", "192.0.2.7", "2001:db8::1"],
                "host_ip": "192.0.2.1",
                "in_interfaces": ["eth0", "tun*"],
                "action": "reject",
                "log": True,
                "comment": "two lines",
            },
            {
                "ports": ["443/tcp"],
                "sources": None,
                "host_ip": None,
                "in_interfaces": [],
                "action": "allow",
                "log": False,
                "comment": "",
            },
        ],
        "trusted_interfaces": ["wg0"],
        "routed_networks": ["10.7.0.0/16"],
    }
    assert policy.parse(parsed.plain()) == parsed
