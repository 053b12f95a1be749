# SPDX-License-Identifier: GPL-3.0-or-later
"""What nft -j list ruleset prints."""

from __future__ import annotations

import contextlib
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._probes import nft_json
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rule_tree import Rule, RulesError
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.rule_recordings import FOLDER, natives

SAMPLES = FOLDER / "nft-1.0.6-samples"
LOCAL = {"match": {"op": "==", "left": {"fib": {"result": "type", "flags": ["daddr"]}}, "right": "local"}}


def payload(protocol, name):
    return {"payload": {"protocol": protocol, "field": name}}


def match(left, right, op="=="):
    return {"match": {"op": op, "left": left, "right": right}}


DPORT = payload("tcp", "dport")
L4PROTO = {"meta": {"key": "l4proto"}}


def rules(*expr, sets=()):
    """The branches of one rule in a chain of its own."""
    objects = [
        {"metainfo": {"json_schema_version": 1}},
        {"table": {"family": "inet", "name": "t", "handle": 1}},
        *sets,
        {"chain": {"family": "inet", "table": "t", "name": "c", "handle": 1, "hook": "prerouting", "policy": "drop"}},
        {"rule": {"family": "inet", "table": "t", "chain": "c", "handle": 7, "expr": list(expr)}},
    ]
    (table,) = nft_json.parse(json.dumps({"nftables": objects}))
    return table.chains["c"].rules


def fields(found):
    """What differs from a rule that matches everything and decides nothing."""
    return {
        name: value
        for name, value in found._asdict().items()
        if value != Rule._field_defaults.get(name) and name not in ("text", "position", "handle", "target")
    }


TCP80 = dict(protocol="tcp", ports=((80, 80),))
RULES = [
    # expressions, and what each branch means
    ([match(DPORT, 80), {"drop": None}], [dict(TCP80, verdict="drop")]),
    ([match(DPORT, {"range": [80, 90]}), {"reject": None}], [dict(protocol="tcp", ports=((80, 90),), verdict="drop")]),
    ([match(DPORT, {"set": [80, {"range": [90, 99]}]}), {"accept": None}],
     [dict(protocol="tcp", ports=((80, 80), (90, 99)), verdict="accept")]),
    ([match(DPORT, {"set": [{"elem": {"val": 80, "timeout": 9}}]}), {"accept": None}], [dict(TCP80, verdict="accept")]),
    ([match(DPORT, 80, "!="), {"return": None}],
     [dict(protocol="tcp", ports=((1, 79), (81, 65535)), verdict="return")]),
    ([match(DPORT, 1024, ">="), {"drop": None}], [dict(protocol="tcp", ports=((1024, 65535),), verdict="drop")]),
    ([match(DPORT, 1024, "<"), {"drop": None}], [dict(protocol="tcp", ports=((1, 1023),), verdict="drop")]),
    ([match(DPORT, "@none"), {"drop": None}], []),
    ([match(DPORT, "@none", "!="), {"drop": None}], [dict(protocol="tcp", ports=((1, 65535),), verdict="drop")]),
    ([match(DPORT, "http"), {"drop": None}], [dict(protocol="tcp", verdict="drop", condition="tcp dport http")]),
    ([match(DPORT, 80), match(DPORT, 81), {"drop": None}], [dict(TCP80, verdict="drop", condition="tcp dport 81")]),
    ([match(payload("tcp", "sport"), 80), {"drop": None}],
     [dict(protocol="tcp", verdict="drop", condition="tcp sport 80")]),
    ([match(L4PROTO, {"set": ["tcp", "udp"]}), match(payload("th", "dport"), 53), {"drop": None}],
     [dict(protocol=one, ports=((53, 53),), verdict="drop") for one in ("tcp", "udp")]),
    ([match(payload("ip", "protocol"), 17), {"drop": None}], [dict(protocol="udp", family="ip", verdict="drop")]),
    ([match(payload("ip", "daddr"), "10.0.0.1"), {"drop": None}],
     [dict(ips=("10.0.0.1",), family="ip", verdict="drop")]),
    ([match(payload("ip6", "daddr"), {"set": ["fd00::1", "FD00::2"]}), {"drop": None}],
     [dict(ips=("fd00::1", "fd00::2"), family="ip6", verdict="drop")]),
    ([match(payload("ip", "daddr"), {"prefix": {"addr": "10.0.0.0", "len": 8}}), {"drop": None}],
     [dict(family="ip", verdict="drop", condition="ip daddr 10.0.0.0/8")]),
    ([match(payload("ip", "daddr"), {"prefix": {"addr": "127.0.0.0", "len": 8}}, "!="), LOCAL, {"jump": {"target": "d"}}],
     [dict(family="ip", verdict="jump", local=True, spares_loopback=True, condition="ip daddr != 127.0.0.0/8")]),
    ([match(payload("ip", "saddr"), "10.0.0.1"), {"drop": None}],
     [dict(family="ip", verdict="drop", condition="ip saddr 10.0.0.1")]),
    ([match({"meta": {"key": "iifname"}}, "docker0", "!="), {"drop": None}],
     [dict(not_in_interface="docker0", interfaces=("docker0",), verdict="drop")]),
    ([match({"meta": {"key": "iifname"}}, "eth*"), {"drop": None}],
     [dict(in_interface="eth+", interfaces=("eth+",), verdict="drop")]),
    ([match({"meta": {"key": "iifname"}}, {"set": ["a", "b"]}), {"drop": None}],
     [dict(interfaces=("a", "b"), verdict="drop", condition='iifname { "a", "b" }')]),
    ([match({"meta": {"key": "nfproto"}}, "ipv6"), match(DPORT, 80), {"redirect": None}],
     [dict(TCP80, family="ip6", verdict="redirect")]),
    ([match({"ct": {"key": "state"}}, ["established", "related"], "in"), {"accept": None}],
     [dict(verdict="accept", condition="ct state established,related")]),
    ([match({"ct": {"key": "state"}}, "new", "in"), match(DPORT, 80), {"drop": None}], [dict(TCP80, verdict="drop")]),
    ([match({"ct": {"key": "proto-dst", "dir": "original"}}, 80), {"drop": None}],
     [dict(ports=((80, 80),), verdict="drop")]),
    ([{"limit": {"rate": 10, "per": "second"}}, match(DPORT, 80), {"counter": {"packets": 1, "bytes": 2}}, {"drop": None}],
     [dict(TCP80, verdict="drop", condition="limit rate 10/second")]),
    ([{"something new": {"a": 1}}, {"drop": None}], [dict(verdict="drop", condition='{"something new": {"a": 1}}')]),
    ([match(DPORT, 80), {"dnat": {"family": "ip", "addr": "10.0.0.1", "port": 8080}}],
     [dict(TCP80, verdict="dnat", family="ip", to_ip="10.0.0.1", to_first=8080, to_last=8080)]),
    ([match(DPORT, 80), {"dnat": {"addr": {"range": ["10.0.0.1", "10.0.0.9"]}, "port": {"range": [1, 2]}}}],
     [dict(TCP80, verdict="dnat", to_ip="10.0.0.1", to_first=1, to_last=2)]),
    ([match(DPORT, 80), {"dnat": {"port": 8080}}], [dict(TCP80, verdict="dnat", to_first=8080, to_last=8080)]),
    ([match(DPORT, 80), {"dnat": {"addr": {"new": 1}}}], [dict(TCP80, verdict="dnat", opaque=True)]),
    ([match(DPORT, 80), {"redirect": {"port": 8080}}], [dict(TCP80, verdict="redirect", to_first=8080, to_last=8080)]),
    ([match(DPORT, 80), {"tproxy": {"addr": "127.0.0.1", "port": 9}}, {"accept": None}],
     [dict(TCP80, verdict="redirect", to_ip="127.0.0.1", to_first=9, to_last=9)]),
    ([{"dnat": {"addr": {"map": {"key": DPORT, "data": {"set": [[80, "10.0.0.1"], [{"range": [81, 82]}, "10.0.0.2"]]}}}}}],
     [dict(TCP80, verdict="dnat", to_ip="10.0.0.1"), dict(protocol="tcp", ports=((81, 82),), verdict="dnat", to_ip="10.0.0.2")]),
    ([{"dnat": {"addr": "10.0.0.1", "port": {"map": {"key": DPORT, "data": {"set": [[80, 8080]]}}}}}],
     [dict(TCP80, verdict="dnat", to_ip="10.0.0.1", to_first=8080, to_last=8080)]),
    ([match(DPORT, 80), {"dnat": {"addr": {"map": {
        "key": {"numgen": {"mode": "inc", "mod": 2, "offset": 0}}, "data": {"set": [[0, "10.0.0.1"], [1, "10.0.0.2"]]}}}}}],
     [dict(TCP80, verdict="dnat", to_ip="10.0.0.1")]),
    ([{"vmap": {"key": DPORT, "data": {"set": [[80, {"drop": None}], [81, {"goto": {"target": "x"}}]]}}}],
     [dict(TCP80, verdict="drop"), dict(protocol="tcp", ports=((81, 81),), verdict="goto")]),
    ([{"vmap": {"key": {"concat": [L4PROTO, payload("th", "dport")]},
                "data": {"set": [[{"concat": ["udp", 80]}, {"drop": None}]]}}}],
     [dict(protocol="udp", ports=((80, 80),), verdict="drop")]),
    ([match({"concat": [payload("ip", "daddr"), DPORT]}, {"set": [{"concat": ["10.0.0.1", 80]}]}), {"drop": None}],
     [dict(TCP80, ips=("10.0.0.1",), family="ip", verdict="drop")]),
    ([match(DPORT, 80), {"xt": {"type": "target", "name": "DNAT"}}], [dict(TCP80, verdict="dnat", opaque=True)]),
    ([{"xt": {"type": "match", "name": "multiport"}}, {"xt": {"type": "target", "name": "REDIRECT"}}],
     [dict(verdict="redirect", opaque=True, condition="xt match multiport")]),
    ([match(DPORT, 80), {"xt": {"type": "match", "name": "comment"}}, {"accept": None}], [dict(TCP80, verdict="accept")]),
    ([{"xt": None}], [dict(opaque=True, condition='{"xt": {}}')]),
    ([{"masquerade": None}], [{}]),
]  # fmt: skip


@pytest.mark.parametrize("expr, expected", RULES, ids=range(len(RULES)))
def test_rule(expr, expected):
    found = rules(*expr)

    assert [fields(one) for one in found] == expected
    assert {(one.handle, one.position) for one in found} <= {(7, 1)}


def test_named_sets_and_maps_are_looked_up():
    sets = [
        {"set": {"family": "inet", "table": "t", "name": "web", "elem": [80, 443]}},
        {"map": {"family": "inet", "table": "t", "name": "to", "elem": [[53, {"concat": ["10.0.0.1", 5353]}]]}},
        {"set": {"family": "ip", "table": "t", "name": "web", "elem": [1]}},  # of another table of that name
    ]

    web = rules(match(DPORT, "@web"), {"drop": None}, sets=sets)
    to = rules({"dnat": {"addr": {"map": {"key": DPORT, "data": "@to"}}}}, sets=sets)

    assert [one.ports for one in web] == [((80, 80), (443, 443))]
    assert [(one.ports, one.to_ip, one.to_first) for one in to] == [(((53, 53),), "10.0.0.1", 5353)]


def test_a_long_list_of_addresses_is_a_condition():
    found = rules(match(payload("ip", "daddr"), {"set": [f"10.0.0.{n}" for n in range(65)]}), {"drop": None})

    assert found[0].ips == ()
    assert found[0].condition.startswith("ip daddr { 10.0.0.0, 10.0.0.1, ")


def test_chains_have_hook_and_policy():
    (table,) = list(nft_json.parse((SAMPLES / "netavark.nft.json").read_text(encoding="utf-8")))

    assert (table.backend, table.family, table.name) == ("nft", "inet", "netavark")
    assert {name: (one.hook, one.policy, one.size) for name, one in table.chains.items() if one.hook} == {
        "INPUT": ("input", "ACCEPT", 1),
        "FORWARD": ("forward", "ACCEPT", 4),
        "PREROUTING": ("prerouting", "ACCEPT", 1),
        "OUTPUT": ("output", "ACCEPT", 1),
    }


def listed(path):
    """The rules in a listing of nft's, counters without numbers."""
    found, within = [], ""
    for line in path.read_text(encoding="utf-8").splitlines():
        words = line.split()
        if words and words[-1] == "{":
            within = words[0]
        elif within == "chain" and words and words[0] not in ("}", "type"):
            found.append(re.sub(r" packets \d+ bytes \d+", "", line.strip()))
    return found


# nft knows the names and bases of these, here they stay numbers; what a log line says is left out
SHORTER = {
    'ct state new tcp dport 9 log prefix "x" counter dnat ip to 10.0.0.1:9 comment "hi \\ there"': (
        'ct state new tcp dport 9 log counter dnat ip to 10.0.0.1:9 comment "hi \\ there"'
    ),
    "ip protocol tcp ip dscp 0x04 redirect to :7": "ip protocol tcp ip dscp 4 redirect to :7",
    "meta mark 0x00000001 tcp dport 72 redirect to :71": "meta mark 1 tcp dport 72 redirect to :71",
    "ip daddr 10.0.0.1 reject with icmp port-unreachable": "ip daddr 10.0.0.1 reject",
    "dnat ip to jhash ip saddr mod 2 map { 0 : 10.0.0.7, 1 : 10.0.0.8 }": (
        'dnat ip to {"jhash": {"expr": {"payload": {"field": "saddr", "protocol": "ip"}}, "mod": 2}} '
        "map { 0 : 10.0.0.7, 1 : 10.0.0.8 }"
    ),
    "tcp dport 100 dnat ip prefix to ip daddr map { 10.141.11.0/24 : 192.168.2.0/24 }": (
        "tcp dport 100 dnat ip to ip daddr map { 10.141.11.0/24 : 192.168.2.0/24 } netmap"
    ),
    "tcp dport 1234 tproxy ip to 127.0.0.1:5000 meta mark set 0x00000001 accept": (
        "tcp dport 1234 tproxy ip to 127.0.0.1:5000 meta mark set 1 accept"
    ),
    "meta mark set meta mark | 0x00004000": 'meta mark set {"|": [{"meta": {"key": "mark"}}, 16384]}',
    "meta mark set meta mark | 0x00002000": 'meta mark set {"|": [{"meta": {"key": "mark"}}, 8192]}',
    # the listing breaks lines of many elements, and sets have no order
    "ct state related,established accept": "ct state established,related accept",
    "ip daddr 10.88.0.0/16 ct state related,established accept": (
        "ip daddr 10.88.0.0/16 ct state established,related accept"
    ),
}


@pytest.mark.parametrize(
    "path", [one for one in natives() if one.with_suffix(".txt").exists()], ids=lambda p: p.parent.name + "/" + p.name
)
def test_rules_are_worded_as_nft_words_them(path):
    tables = nft_json.parse(path.read_text(encoding="utf-8"))
    # one text a rule, however many branches
    ours = {(t.family, t.name, c.name, r.position): r.text for t in tables for c in t.chains.values() for r in c.rules}

    theirs = [SHORTER.get(line, line) for line in listed(path.with_suffix(".txt"))]
    left = list(theirs)
    for text in ours.values():
        left.remove(text)
    assert all(re.fullmatch(r"[io]ifname vmap @[a-z-]+-jumps", line) for line in left)  # an empty map decides nothing


def test_every_recording_is_read_wholly():
    for path in natives():
        objects = json.loads(path.read_text(encoding="utf-8"))["nftables"]
        tables = nft_json.parse(path.read_text(encoding="utf-8"))
        assert sum(one.size for t in tables for one in t.chains.values()) == sum("rule" in one for one in objects)
        assert len(tables) == sum("table" in one for one in objects)


BAD = ["", "[]", "{}", '{"nftables": 1}', '{"nftables": [1]}', '{"nftables": [{}]}', '{"nftables": [{"table": {}}]}',
       '{"nftables": [{"chain": {"family": "ip", "table": "t", "name": "c"}}]}', "Error: JSON support not compiled-in",
       "[" * 100_000]  # fmt: skip


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_text_that_is_no_ruleset(text):
    with pytest.raises(RulesError, match=f"^{re.escape(repr(text[:60]))} is no ruleset of nft: "):
        nft_json.parse(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 70000) | st.sampled_from(["@s", "tcp", "10.0.0.1", "dport"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["set", "map", "range", "prefix", "concat", "payload", "meta", "key", "data", "elem", "val"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(st.sampled_from(["match", "vmap", "dnat", "redirect", "xt", "jump", "new"]), JSON, JSON)
def test_no_json_does_worse_than_a_rules_error(kind, one, other):
    body = {"op": "==", "left": one, "right": other} if kind == "match" else {"key": one, "data": other, "addr": one}
    with contextlib.suppress(RulesError):
        rules({kind: body}, {"drop": None})
