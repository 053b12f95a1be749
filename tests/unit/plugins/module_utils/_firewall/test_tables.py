# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import tables
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.system import Done, FirewallError
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._firewall.fake_system import (
    LEGACY_VERSION,
    host,
)

ENGINES = "*filter\n:DOCKER - [0:0]\n:DOCKER-USER - [0:0]\nCOMMIT\n"
OURS = "*filter\n:DOCKMASTER - [0:0]\nCOMMIT\n"
LEGACY = {"/proc/net/ip_tables_names": "nat\nfilter\n"}


def legacy(text):
    return {"iptables-legacy-save": text, "ip6tables-legacy-save": ""}


def test_one_listing_a_family():
    system = host(v4=ENGINES)

    found = tables.read(system)

    assert found.variant == "nft"
    assert {family: rules.restore for family, rules in found.rules.items()} == {
        4: "iptables-nft-restore",
        6: "ip6tables-nft-restore",
    }
    assert system.ran == ["iptables --version", "iptables-nft-save", "ip6tables-nft-save"]


def test_a_legacy_table_that_does_not_exist_is_not_listed():
    system = host(v4=ENGINES, programs=legacy(""))

    tables.read(system)

    assert not [line for line in system.ran if "legacy" in line]


def test_the_policy_goes_where_the_engines_rules_are():
    system = host(programs=legacy(ENGINES), files=LEGACY)

    found = tables.read(system)

    assert (found.variant, found.split) == ("legacy", False)
    assert found.rules[4].restore == "iptables-legacy-restore"
    assert found.rules[6].save == "ip6tables-legacy-save"


def test_rules_of_an_engine_in_both_variants_are_told():
    found = tables.read(host(v4=ENGINES, programs=legacy(ENGINES), files=LEGACY))

    assert (found.variant, found.split) == ("nft", True)


def test_a_policy_that_is_left_in_the_other_variant_is_a_stray():
    found = tables.read(host(v4=ENGINES, programs=legacy(OURS), files=LEGACY))

    assert [stray.restore for stray in found.strays] == ["iptables-legacy-restore"]


def test_legacy_is_the_default_where_iptables_says_so():
    found = tables.read(host(version=LEGACY_VERSION, programs=legacy(ENGINES)))

    assert found.variant == "legacy"


def test_programs_without_a_variant_in_their_name():
    system = host(programs={"iptables-save": ENGINES, "ip6tables-save": ""})
    for program in ("iptables-nft-save", "ip6tables-nft-save"):
        del system.programs[program]

    assert tables.read(system).rules[4].save == "iptables-save"


def test_a_host_without_ipv6_has_one_family():
    system = host(v4=ENGINES)
    del system.files["/proc/net/if_inet6"]

    assert set(tables.read(system).rules) == {4}


REFUSED = [
    (
        {"iptables-nft-save": Done(1, "", "iptables-nft-save: Permission denied (you must be root)\n")},
        "iptables-nft-save failed: iptables-nft-save: Permission denied (you must be root)",
    ),
    ({"iptables-nft-save": Done(4, "", "")}, "iptables-nft-save failed: exit status 4"),
    (
        {"iptables-nft-save": "# Table `filter' is incompatible, use 'nft' tool.\n"},
        "iptables-nft-save cannot show a table that nft has changed: # Table `filter' is incompatible, use 'nft' tool.",
    ),
    ({"iptables-nft-save": "*filter\nhello\n"}, "iptables-nft-save: line 2 of the rules is not understood: 'hello'"),
]


@pytest.mark.parametrize("programs, message", REFUSED)
def test_what_cannot_be_read_is_an_error(programs, message):
    with pytest.raises(FirewallError, match=f"^{re.escape(message)}$"):
        tables.read(host(programs=programs))
