# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re

import pytest

from ansible_collections.dockmaster.ports.plugins.plugin_utils._firewall_sources import SourceError, resolved

GROUPS = {
    "app": ["app-1", "app-2"],
    "empty": [],
    "names": ["by-name"],
    "tunnel": ["vagrant"],
    "said": ["said"],
    "v6": ["2001:db8::9"],
    "wrong": ["wrong"],
    "none": ["none"],
}
HOSTVARS = {
    "app-1": {"ansible_host": "10.0.0.1"},
    "app-2": {
        "ansible_host": "app-2.example.org",
        "ansible_facts": {"default_ipv4": {"address": "10.0.0.2"}, "default_ipv6": {"address": "2001:db8::2"}},
    },
    "by-name": {"ansible_host": "by-name.example.org", "ansible_facts": {"default_ipv4": {}}},
    "vagrant": {"ansible_host": "127.0.0.1", "ansible_facts": {"default_ipv4": {"address": "10.0.2.15"}}},
    "said": {"ansible_host": "10.9.9.9", "docker_firewall_addresses": ["192.0.2.0/28", "2001:db8::/64"]},
    "2001:db8::9": {},
    "wrong": {"docker_firewall_addresses": "10.0.0.300"},
    "none": {"ansible_host": "10.0.0.4", "docker_firewall_addresses": []},
}
RESOLVED = [
    (["10.0.0.0/8", "192.0.2.1-192.0.2.9"], ["10.0.0.0/8", "192.0.2.1-192.0.2.9"]),
    (["app"], ["10.0.0.1", "10.0.0.2", "2001:db8::2"]),
    (["192.0.2.1", "tunnel"], ["192.0.2.1", "10.0.2.15"]),
    (["said"], ["192.0.2.0/28", "2001:db8::/64"]),
    (["v6"], ["2001:db8::9"]),
    ("app, 192.0.2.1", ["10.0.0.1", "10.0.0.2", "2001:db8::2", "192.0.2.1"]),
]
FORM = "expected an address, a network or a range, such as 192.0.2.7, 10.0.0.0/8 or 10.0.0.5-10.0.0.9"
REFUSED = [
    (
        ["wrong"],
        f"rule 2 (db): sources: docker_firewall_addresses of host wrong: '10.0.0.300' is not a network: {FORM}",
    ),
    (
        ["nobody"],
        f"rule 2 (db): sources: 'nobody' is not a network: {FORM}; and the inventory has no group of that name",
    ),
    (
        ["none"],
        "rule 2 (db): sources: host none of group none has no address: set docker_firewall_addresses for it, "
        "or gather its facts first",
    ),
    (["empty"], "rule 2 (db): sources: group empty has no hosts"),
    (
        ["names"],
        "rule 2 (db): sources: host by-name of group names has no address: set docker_firewall_addresses for it, "
        "or gather its facts first",
    ),
]


@pytest.mark.parametrize("sources, expected", RESOLVED)
def test_resolved(sources, expected):
    rule = {"ports": [80], "action": "allow", "sources": sources}

    assert resolved([rule], GROUPS, HOSTVARS) == [{**rule, "sources": expected}]


@pytest.mark.parametrize("sources, message", REFUSED)
def test_refused(sources, message):
    rules = [{"ports": [80]}, {"ports": [80], "comment": "db", "sources": sources}]
    with pytest.raises(SourceError, match=f"^{re.escape(message)}$"):
        resolved(rules, GROUPS, HOSTVARS)


@pytest.mark.parametrize("rules", [[{"ports": [80]}], ["80"], [{"sources": None}]])
def test_what_has_no_list_of_sources_is_left_to_the_module(rules):
    assert resolved(rules, GROUPS, HOSTVARS) == rules
