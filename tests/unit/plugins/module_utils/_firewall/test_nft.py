# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import nft, policy
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.published import Published
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.surroundings import Surroundings
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._firewall.fake_system import recording

AROUND = Surroundings(
    bridges=("shop0",),
    foreign=("br-lan",),
    published=(
        Published(4, "tcp", "", 8000, 8001, turned=True, proxied=True),
        Published(4, "tcp", "127.0.0.1", 5432, 5432, turned=True),
        Published(6, "udp", "2001:db8::1", 53, 53, proxied=True),
    ),
)
TABLE = """\
table inet dockmaster {
    chain rules {
        ip saddr { 10.0.0.0/8, 192.0.2.7/32 } meta l4proto tcp ct original proto-dst 5432 return comment "1: db"
        ip6 saddr { 2001:db8::/32 } meta l4proto tcp ct original proto-dst 5432 return comment "1: db"
        ct original ip daddr 192.0.2.1/32 iifname { "eth0" } limit rate 30/minute burst 10 packets log prefix "dockmaster reject 2: "
        ct original ip daddr 192.0.2.1/32 iifname { "eth0" } reject with icmpx port-unreachable comment "2"
        ct original ip daddr 192.0.2.1/32 iifname "tun*" limit rate 30/minute burst 10 packets log prefix "dockmaster reject 2: "
        ct original ip daddr 192.0.2.1/32 iifname "tun*" reject with icmpx port-unreachable comment "2"
        meta l4proto udp ct original proto-dst 8000-8010 drop comment "3"
        drop comment "default"
    }
    chain container {
        ct original ip daddr 127.0.0.0/8 drop
        ct status dnat goto rules
        ip daddr { 10.7.0.0/16 } return
        drop comment "not a published port"
    }
    chain outside {
        oifname { "br-lan" } return
        oifname "br-*" goto container
        oifname { "docker0", "docker_gwbridge", "shop0" } goto container
    }
    chain local {
        meta nfproto ipv4 tcp dport 8000-8001 goto rules
        ip6 daddr 2001:db8::1 udp dport 53 goto rules
    }
    chain forward {
        type filter hook forward priority filter - 10; policy accept;
        ct state established,related return
        iifname "wg0" return
        iifname { "br-lan" } goto outside
        iifname "br-*" return
        iifname { "docker0", "docker_gwbridge", "shop0" } return
        goto outside
    }
    chain input {
        type filter hook input priority filter - 10; policy accept;
        ct state established,related return
        iifname "lo" return
        iifname "wg0" return
        iifname { "br-lan" } goto local
        iifname "br-*" return
        iifname { "docker0", "docker_gwbridge", "shop0" } return
        goto local
    }
}
""".replace("    ", "\t")


def test_table():
    wanted = policy.parse(
        {
            "default": "deny",
            "trusted_interfaces": ["wg0"],
            "routed_networks": ["10.7.0.0/16"],
            "rules": [
                {
                    "ports": ["5432"],
                    "sources": ["192.0.2.7", "10.0.0.0/8", "2001:db8::/32"],
                    "action": "allow",
                    "comment": "db",
                },
                {
                    "ports": ["all"],
                    "host_ip": "192.0.2.1",
                    "in_interfaces": ["eth0", "tun*"],
                    "action": "reject",
                    "log": True,
                },
                {"ports": ["8000-8010/udp"], "action": "deny"},
            ],
        }
    )
    text = nft.table(wanted, AROUND)

    for way in ('{ "eth0" }', '"tun*"'):
        match = f"\t\tct original ip daddr 192.0.2.1/32 iifname {way} meta l4proto tcp "
        tcp = (
            f'{match}limit rate 30/minute burst 10 packets log prefix "dockmaster reject 2: "\n'
            f'{match}reject with tcp reset comment "2"\n'
        )
        assert tcp in text  # a refusal of everything is told TCP in its own way
        text = text.replace(tcp, "")
    assert text == TABLE


def test_a_policy_that_allows_has_no_last_word():
    text = nft.table(policy.parse({"default": "allow"}), AROUND)

    assert "drop" not in text
    assert "\tchain container {\n\t\tct status dnat goto rules\n\t}\n" in text


@pytest.mark.parametrize("variant", ["proxy", "noproxy"])
def test_what_engine_29_has_made(variant):
    listing = recording(f"engine-29.7.2-nftables-{variant}/many-ports.nft").split("table ip6 docker-bridges")[0]

    found = {str(one) for one in nft.published(4, listing)}

    assert {
        "0.0.0.0:8080/tcp",
        "127.0.0.1:8081/tcp",
        "0.0.0.0:8053/udp",
        "0.0.0.0:9000/tcp",
        "0.0.0.0:8083/tcp",
    } <= found
    assert {name for name in nft.bridges(listing) if not name.startswith("br-")} == {"docker0"}
    assert len(nft.bridges(listing)) >= 2
