# SPDX-License-Identifier: GPL-3.0-or-later
"""Sections nat and firewall, out of what the programs of a host print: each rule once, and nothing unseen in silence."""

from __future__ import annotations

import json
import struct

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.dump import dump
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import NetworkEndpoint
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Refused
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import rulesets
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.rule_recordings import FOLDER, printed

SAVES = ("iptables-nft-save", "ip6tables-nft-save")
LEGACY = ("iptables-legacy-save", "ip6tables-legacy-save")
NFT = "nft -j list ruleset"
NOTHING = '{"nftables": [{"metainfo": {"version": "1.1.3", "json_schema_version": 1}}]}'
ROOT_ONLY = "iptables-nft-save v1.8.9 (nf_tables): Could not fetch rule set generation id: Permission denied (you must be root)\n"
GET_TABLES = "12:" + (struct.pack("=IHHII", 20, 10 << 8 | 1, 0x301, 1, 0) + bytes(4)).hex()


def nft_tables(*names):
    """The kernel's answer to which tables there are."""
    answer = b""
    for family, name in names:
        value = name.encode() + b"\0"
        attribute = struct.pack("=HH", 4 + len(value), 1) + value + bytes(-len(value) % 4)
        body = bytes([family, 0, 0, 0]) + attribute
        answer += struct.pack("=IHHII", 16 + len(body), 10 << 8, 2, 1, 0) + body
    return [answer.hex()]


def host(**changes):
    """A host with iptables, nft and no rule; a command that is None is not installed."""
    run = {
        "iptables --version": (0, "iptables v1.8.9 (nf_tables)\n", ""),
        **dict.fromkeys(SAVES, (0, "", "")),
        NFT: (0, NOTHING, ""),
        "systemctl show --property=LoadState,ActiveState firewalld.service": (
            0,
            "LoadState=not-found\nActiveState=inactive\n",
            "",
        ),
        **changes.pop("run", {}),
    }
    recording = {
        "run": {name: done for name, done in run.items() if done is not None},
        "names": {"/proc/net": ["tcp", "udp"], **changes.pop("names", {})},
        "read": {
            "/proc/sys/net/ipv4/ip_forward": "1\n",
            "/proc/sys/net/ipv6/conf/all/forwarding": "0\n",
            **changes.pop("read", {}),
        },
        **changes,
    }
    return ReplayHost(recording)


def look(one, **evidence):
    """What the probe reports, and what it says it did not see."""
    blind = []
    seen = rulesets.probe(one, Request(sections=rulesets.SECTIONS), Evidence(**evidence), blind)
    json.dumps(dump(list(seen.values()))).encode()  # a record is JSON in the end
    return seen, [str(one) for one in blind if one.section == "nat" and one.hides]


def out(folder, state, source):
    (path,) = (FOLDER / folder).glob(f"{state}.engine-*.{source}")
    return (0, printed(path), "")


def texts(seen):
    return [(rule.backend, rule.family, rule.text) for rule in seen["nat"]]


ALL = [(backend, family) for backend in ("iptables-legacy", "iptables-nft", "nft") for family in ("ip", "ip6")]


def sets(seen):
    return [(one.backend, one.family) for one in seen["firewall"].rulesets]


def test_a_host_without_rules():
    seen, unseen = look(host())

    assert unseen == []
    assert seen["nat"] == ()
    assert sets(seen) == ALL
    firewall = seen["firewall"]
    assert (firewall.iptables, firewall.firewalld, firewall.ufw) == ("nf_tables", "absent", "absent")
    assert (firewall.ip_forward, firewall.ip6_forward) == (True, False)


DNAT = "-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.18.0.2:80"
DROP = "-A PREROUTING -d 172.18.0.2/32 ! -i docker0 -j DROP"


def test_what_iptables_wrote_is_told_once_though_nft_shows_it_too():
    recorded = "engine-20.10.24-proxy", "one-port"
    run = {name: out(*recorded, f"{name}.txt") for name in SAVES}
    run[NFT] = out(*recorded, "nft.json")

    seen, unseen = look(host(run=run))

    assert unseen == []
    assert texts(seen) == [
        ("iptables-nft", "ip", "-A DOCKER -i docker0 -j RETURN"),
        ("iptables-nft", "ip", DNAT),
    ]
    nft = [one for one in seen["firewall"].rulesets if one.backend == "nft"]
    assert [(one.tables, one.rules) for one in nft] == [((), 0), ((), 0)]


def test_rules_of_an_engine_with_nftables():
    recorded = "engine-29.7.2-nftables-proxy", "one-port"
    run = {NFT: out(*recorded, "nft.json"), **{name: out(*recorded, f"{name}.txt") for name in SAVES}}

    seen, unseen = look(host(run=run))

    assert unseen == []
    assert texts(seen) == [
        ("nft", "ip", 'iifname != "docker0" tcp dport 8080 counter dnat to 172.18.0.2:80 comment "DNAT"'),
        ("nft", "ip", 'ip daddr 172.18.0.2 iifname != "docker0" counter drop comment "DROP DIRECT ACCESS"'),
    ]


def test_legacy_tables_are_read_where_the_kernel_names_some():
    run = {
        "iptables-nft-save": out("engine-28.5.2-states", "legacy-mixed", "iptables-nft-save.txt"),
        "iptables-legacy-save": out("engine-28.5.2-states", "legacy-mixed", "iptables-legacy-save.txt"),
    }
    names = {"/proc/net": ["ip_tables_names", "ip6_tables_names"]}
    read = {"/proc/net/ip_tables_names": "raw\nnat\nfilter\n", "/proc/net/ip6_tables_names": ""}

    seen, unseen = look(host(run=run, names=names, read=read))

    assert unseen == []
    assert [one for one in texts(seen) if one[2] in (DNAT, DROP)] == [
        (backend, "ip", text)
        for backend, text in [
            ("iptables-nft", DROP), ("iptables-nft", DNAT), ("iptables-legacy", DNAT), ("iptables-legacy", DROP)
        ]
    ]  # fmt: skip
    legacy = seen["firewall"].rulesets[0]
    assert (legacy.backend, legacy.family, legacy.docker_rules > 10, legacy.nat_prerouting_jump) == (
        "iptables-legacy",
        "ip",
        True,
        True,
    )


def test_no_legacy_program_is_run_where_the_kernel_names_no_table():
    """Running one with -t would create the table; the recording holds none, so running any would be unseen."""
    names = {"/proc/net": ["ip_tables_names", "ip6_tables_names"]}
    read = {"/proc/net/ip_tables_names": "", "/proc/net/ip6_tables_names": ""}

    seen, unseen = look(host(names=names, read=read))

    assert unseen == []
    assert sets(seen) == ALL


def test_an_old_iptables_that_knows_legacy_tables_only():
    text = "# Generated by iptables-save v1.4.21\n*nat\n:PREROUTING ACCEPT [0:0]\n:DOCKER - [0:0]\n-A PREROUTING -j DOCKER\n"
    run = {
        "iptables --version": (0, "iptables v1.4.21\n", ""), "iptables-nft-save": None, "ip6tables-nft-save": None,
        "iptables-save": (0, f"{text}{DNAT}\nCOMMIT\n", ""), NFT: None,
    }  # fmt: skip
    names = {"/proc/net": ["ip_tables_names"]}

    seen, unseen = look(
        host(run=run, names=names, read={"/proc/net/ip_tables_names": "nat\n"}, netlink={GET_TABLES: []})
    )

    assert unseen == []
    assert texts(seen) == [("iptables-legacy", "ip", DNAT)]
    assert seen["firewall"].iptables == "legacy"


def test_iptables_save_stands_in_for_a_program_with_its_backends_name():
    run = {"iptables-nft-save": None, "iptables-save": out("engine-28.5.2-proxy", "one-port", "iptables-nft-save.txt")}

    seen, unseen = look(host(run=run))

    assert unseen == []
    assert ("iptables-nft", "ip", DNAT) in texts(seen)


def compat(*expr, chain="PREROUTING", table="nat"):
    """What nft shows of a table of iptables' with one rule."""
    objects = [
        {"table": {"family": "ip", "name": table}},
        {"chain": {"family": "ip", "table": table, "name": chain, "hook": "prerouting", "policy": "accept"}},
        {"rule": {"family": "ip", "table": table, "chain": chain, "handle": 9, "expr": list(expr)}},
    ]
    return (0, json.dumps({"nftables": objects}), "")


PORT = {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 80}}
EMPTY_NAT = "*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n"


@pytest.mark.parametrize(
    "text, chain",
    [
        ("# Table `nat' is incompatible, use 'nft' tool.\n", "PREROUTING"),
        (f"# Table `nat' contains incompatible base-chains, use 'nft' tool to list them.\n{EMPTY_NAT}", "prerouting"),
        (f"# Table `nat' contains incompatible base-chains, use 'nft' tool to list them.\n{EMPTY_NAT}", "PREROUTING"),
    ],
)
def test_rules_that_somebody_wrote_with_nft_into_a_table_of_iptables(text, chain):
    run = {
        "iptables-nft-save": (0, text, ""),
        NFT: compat(PORT, {"dnat": {"addr": "10.0.0.1", "port": 8}}, chain=chain),
    }

    seen, unseen = look(host(run=run))

    assert unseen == []
    assert texts(seen) == [("nft", "ip", "tcp dport 80 dnat to 10.0.0.1:8")]
    assert seen["nat"][0].handle == 9


def test_a_mixed_table_hides_what_extensions_of_iptables_do():
    run = {
        "iptables-nft-save": (0, "# Table `nat' is incompatible, use 'nft' tool.\n", ""),
        NFT: compat(PORT, {"xt": {"type": "target", "name": "DNAT"}}),
    }

    seen, unseen = look(host(run=run))

    assert [(rule.action, rule.first, rule.to_ip) for rule in seen["nat"]] == [("dnat", 80, "")]
    assert unseen == [
        "1 of the rules of table ip nat: somebody wrote into a table of iptables with nft, and neither program shows "
        "both's rules wholly; move the rules of nft into a table of their own"
    ]


def test_without_iptables_nft_save_nft_tells_a_part():
    run = {"iptables --version": None, "iptables-nft-save": None, "ip6tables-nft-save": None,
           NFT: compat(PORT, {"xt": {"type": "target", "name": "REDIRECT"}})}  # fmt: skip

    seen, unseen = look(host(run=run))

    assert [(rule.backend, rule.action, rule.first, rule.handle) for rule in seen["nat"]] == [
        ("nft", "redirect", 80, 9)
    ]
    assert unseen == ["1 of the rules of table ip nat: iptables-nft-save is not in the recording; install iptables"]
    assert sets(seen) == ALL
    assert [one.rules for one in seen["firewall"].rulesets if one.backend == "iptables-nft"] == [1, 0]


def test_without_nft_the_kernel_tells_that_iptables_tables_are_all():
    answer = {GET_TABLES: nft_tables((2, "nat"), (10, "filter"), (7, "filter"))}  # 7: bridge

    seen, unseen = look(host(run={NFT: None, "iptables-nft-save": (0, EMPTY_NAT, "")}, netlink=answer))

    assert unseen == []
    assert sets(seen) == ALL


def test_without_nft_tables_of_others_are_hidden():
    seen, unseen = look(host(run={NFT: None}, netlink={GET_TABLES: nft_tables((1, "fw"), (2, "nat"))}))

    assert unseen == [
        "rules of nft: there are tables (inet fw), and nft -j list ruleset is not in the recording; install nftables"
    ]
    assert ("nft", "ip") not in sets(seen)


def test_without_nft_a_mixed_table_is_hidden():
    run = {NFT: None, "iptables-nft-save": (0, "# Table `nat' is incompatible, use 'nft' tool.\n", "")}

    _seen, unseen = look(host(run=run, netlink={GET_TABLES: nft_tables((2, "nat"))}))

    assert [one.partition(":")[0] for one in unseen] == ["rules of table ip nat"]


def test_an_nft_without_json_is_as_none():
    run = {NFT: (1, "", "Error: JSON support not compiled-in\n")}

    _seen, unseen = look(host(run=run, netlink={GET_TABLES: nft_tables((1, "fw"))}))

    assert unseen == ["rules of nft: there are tables (inet fw), and nft: Error: JSON support not compiled-in"]


def test_ipv6_rules_alone_are_hidden():
    run = {"iptables --version": None, "ip6tables-nft-save": None, NFT: None}

    seen, unseen = look(host(run=run, netlink={GET_TABLES: nft_tables((10, "nat"))}))

    assert unseen == ["IPv6 rules of iptables-nft: ip6tables-nft-save is not in the recording; install iptables"]
    assert ("iptables-nft", "ip6") not in sets(seen)
    assert ("iptables-nft", "ip") in sets(seen)


def test_a_host_without_any_program_and_any_rule():
    run = {"iptables --version": None, "iptables-nft-save": None, "ip6tables-nft-save": None, NFT: None}

    seen, unseen = look(host(run=run, netlink={GET_TABLES: []}))

    assert unseen == []
    assert seen["nat"] == ()
    assert seen["firewall"].iptables == ""


def test_a_kernel_without_nf_tables():
    no = (
        1,
        "",
        "iptables-nft-save v1.8.9 (nf_tables): Could not fetch rule set generation id: Protocol not supported\n",
    )

    seen, unseen = look(
        host(run={**dict.fromkeys(SAVES, no), NFT: (1, "", "netlink: Error: Protocol not supported\n")})
    )

    assert unseen == []
    assert sets(seen) == ALL


def test_a_kernel_without_nf_tables_needs_no_nft():
    no = (
        1,
        "",
        "iptables-nft-save v1.8.9 (nf_tables): Could not fetch rule set generation id: Protocol not supported\n",
    )

    seen, unseen = look(host(run={**dict.fromkeys(SAVES, no), NFT: None}))

    assert unseen == []
    assert sets(seen) == ALL


def test_other_tables_than_filter_have_no_say_in_what_is_forwarded():
    text = "*mangle\n:FORWARD DROP [0:0]\n:INPUT DROP [0:0]\nCOMMIT\n*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\nCOMMIT\n"

    seen, _blind = look(host(run={"iptables-nft-save": (0, text, "")}))

    (found,) = [one for one in seen["firewall"].rulesets if (one.backend, one.family) == ("iptables-nft", "ip")]
    assert (found.forward_policy, found.input_policy) == ("ACCEPT", "ACCEPT")


class Plain(ReplayHost):
    """A user who is not root."""

    def read(self, path):
        if path.startswith("/proc/net/"):
            raise Refused(f"{path}: permission denied", "gather with become: true")
        return super().read(path)


def test_a_user_who_is_not_root_sees_no_rule_and_all_else():
    no = (4, "", f"# Warning: something\n{ROOT_ONLY}")
    run = {
        "iptables --version": (0, "iptables v1.8.9 (nf_tables)\n", ""), **dict.fromkeys(SAVES, no),
        NFT: (1, "", "Operation not permitted (you must be root)\n"),
    }  # fmt: skip
    read = {"/etc/ufw/ufw.conf": "ENABLED=yes\n", "/proc/sys/net/ipv4/ip_forward": "1\n"}
    names = {"/proc/net": ["ip_tables_names", "ip6_tables_names"], "/etc/firewalld": []}

    seen, unseen = look(Plain({"run": run, "names": names, "read": read}))

    assert unseen == [
        "nat: iptables-nft-save: Could not fetch rule set generation id: Permission denied (you must be root); "
        "gather with become: true"
    ]
    assert "nat" not in seen
    firewall = seen["firewall"]
    assert (firewall.rulesets, firewall.iptables, firewall.ip_forward) == ((), "nf_tables", True)
    assert firewall.ufw == "inactive"  # its chains were not seen


def test_legacy_tables_without_a_program_are_hidden():
    names, read = {"/proc/net": ["ip_tables_names"]}, {"/proc/net/ip_tables_names": "nat\nfilter\n"}

    _seen, unseen = look(host(names=names, read=read))

    assert unseen == [
        "IPv4 rules of iptables-legacy: there are legacy tables (nat, filter), and iptables-legacy-save is not in "
        "the recording; install iptables"
    ]


@pytest.mark.parametrize("name", [*SAVES, NFT])
def test_what_ends_too_early_is_not_taken_for_all(name):
    _seen, unseen = look(
        host(
            run={name: (0, "*nat\n:PREROUTING ACCEPT [0:0]\n", "")},
            netlink={GET_TABLES: nft_tables((1, "t"), (2, "nat"), (10, "nat"))},
        )
    )

    assert len(unseen) == (1 if name == NFT else 0)  # nft tells all of what an iptables-save does not


@pytest.mark.parametrize("name", SAVES)
def test_what_ends_too_early_is_unseen_without_nft(name):
    run = {name: (0, "*nat\n:PREROUTING ACCEPT [0:0]\n", ""), NFT: None}

    _seen, unseen = look(host(run=run, netlink={GET_TABLES: nft_tables((2, "nat"), (10, "nat"))}))

    family = "IPv6" if name.startswith("ip6") else "IPv4"
    program = name.partition("-")[0]
    assert unseen == [f"{family} rules of iptables-nft: {program}-save: table nat ends without COMMIT"]


def test_bytes_that_are_no_text_are_made_visible():
    text = '*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -m comment --comment "\udcff\udce4" -m tcp --dport 80 -j REDIRECT\nCOMMIT\n'
    nft = compat(PORT, {"redirect": None}, table="mine")
    run = {"iptables-nft-save": (0, text, ""), NFT: (0, nft[1].replace('"expr"', '"comment": "\udcff", "expr"'), "")}

    seen, unseen = look(host(run=run))

    assert unseen == []
    assert [text for _backend, _family, text in texts(seen)] == [
        r'-A PREROUTING -p tcp -m comment --comment "\xff\xe4" -m tcp --dport 80 -j REDIRECT',
        r'tcp dport 80 redirect comment "\xff"',
    ]


def test_a_bridge_that_a_user_named_is_known_from_the_engine():
    text = "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -d 10.9.0.2/32 ! -i mine -j DROP\nCOMMIT\n"
    endpoint = NetworkEndpoint(network="n", bridge="mine", subnet="10.9.0.0/24")

    seen, _blind = look(host(run={"iptables-nft-save": (0, text, "")}), endpoints=(endpoint,))

    assert [rule.owner for rule in seen["nat"]] == ["docker"]
    assert [one.docker_rules for one in seen["firewall"].rulesets if one.backend == "iptables-nft"] == [1, 0]


def test_a_recorded_ruleset_in_short():
    recorded = "engine-28.5.2-states", "ufw-enabled-after-docker"
    read = {"/etc/ufw/ufw.conf": "# settings\nENABLED=yes\nLOGLEVEL=low\n", "/proc/sys/net/ipv4/ip_forward": "0\n"}

    seen, _blind = look(host(run={"iptables-nft-save": out(*recorded, "iptables-nft-save.txt")}, read=read))

    firewall = seen["firewall"]
    (found,) = [one for one in firewall.rulesets if (one.backend, one.family) == ("iptables-nft", "ip")]
    assert (firewall.ufw, firewall.ip_forward) == ("active", False)
    assert found.tables == ("raw", "filter", "nat")
    assert (found.forward_policy, found.input_policy) == ("DROP", "DROP")
    assert found.forward_jumps[:2] == ("DOCKER-USER", "DOCKER-FORWARD")
    assert "ufw-before-forward" in found.forward_jumps
    assert "nat/DOCKER" in found.chains and "filter/FORWARD" in found.chains
    assert not [name for name in found.chains if "ufw" in name]
    assert {"nat/PREROUTING > DOCKER", "filter/DOCKER-BRIDGE > DOCKER"} <= set(found.jumps)
    assert (found.nat_prerouting_jump, found.nat_output_jump, found.nat_output_spares_loopback) == (True, True, True)
    assert found.docker_rules == 14  # 13 in its chains and in raw, and the masquerading of docker0


def test_firewalld_s_zones_name_docker_s_bridges_and_are_not_docker_s_rules():
    recorded = "engine-26.1.5-states", "firewalld-active"

    seen, _blind = look(host(run={"nft -j list ruleset": out(*recorded, "nft.json")}))

    assert {one.family: one.docker_rules for one in seen["firewall"].rulesets if one.backend == "nft"} == {
        "ip": 0,
        "ip6": 0,
    }


def test_rules_of_the_administrator():
    recorded = "engine-20.10.24-proxy", "one-port"

    seen, _blind = look(host(run={"iptables-nft-save": out(*recorded, "iptables-nft-save.txt")}))

    (found,) = [one for one in seen["firewall"].rulesets if (one.backend, one.family) == ("iptables-nft", "ip")]
    assert found.user_rules == ("-A DOCKER-USER -j RETURN",)


def test_without_the_userland_proxy_loopback_is_not_spared():
    recorded = "engine-28.5.2-noproxy", "one-port"

    seen, _blind = look(host(run={"iptables-nft-save": out(*recorded, "iptables-nft-save.txt")}))

    (found,) = [one for one in seen["firewall"].rulesets if (one.backend, one.family) == ("iptables-nft", "ip")]
    assert found.nat_output_spares_loopback is False


SYSTEMCTL = "systemctl show --property=LoadState,ActiveState firewalld.service"
FIREWALLD = [
    # what systemctl says, what is on the host, what firewalld is
    ((0, "LoadState=loaded\nActiveState=active\n", ""), {}, "active"),
    ((0, "LoadState=loaded\nActiveState=reloading\n", ""), {}, "active"),
    ((0, "LoadState=loaded\nActiveState=inactive\n", ""), {}, "inactive"),
    ((0, "LoadState=masked\nActiveState=inactive\n", ""), {}, "inactive"),
    ((0, "LoadState=not-found\nActiveState=inactive\n", ""), {}, "absent"),
    ((1, "", "System has not been booted with systemd as init system (PID 1). Can't operate.\n"), {}, "absent"),
    (None, {"read": {"/run/firewalld.pid": "77\n", "/proc/77/comm": "firewalld\n"}}, "active"),
    (None, {"read": {"/run/firewalld.pid": "77\n", "/proc/77/comm": "sh\n"}}, "inactive"),
    (None, {"read": {"/run/firewalld.pid": "77\n"}, "names": {"/etc/firewalld": ["firewalld.conf"]}}, "inactive"),
    (None, {}, "absent"),
]


@pytest.mark.parametrize("done, there, expected", FIREWALLD)
def test_firewalld(done, there, expected):
    seen, _blind = look(host(run={SYSTEMCTL: done}, **there))

    assert seen["firewall"].firewalld == expected


@pytest.mark.parametrize("line, expected", [("ENABLED=no", "inactive"), ("ENABLED=yes", "inactive"), ("", "inactive")])
def test_ufw_without_its_chains(line, expected):
    seen, _blind = look(host(read={"/etc/ufw/ufw.conf": f"{line}\n"}))

    assert seen["firewall"].ufw == expected
