# SPDX-License-Identifier: GPL-3.0-or-later
"""What iptables-save prints, and what it never may do to us."""

from __future__ import annotations

import contextlib
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._probes import iptables_save
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.iptables_words import arguments_of, words_of
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rule_tree import Rule, RulesError
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.rule_recordings import (
    FOLDER,
    printed,
    saves,
)

HEAD = "*nat\n:PREROUTING ACCEPT [0:0]\n:DOCKER - [0:0]\n:X - [0:0]\n"


def table(*lines):
    (found,) = iptables_save.parse(HEAD + "\n".join(lines) + "\nCOMMIT\n", "iptables-nft", "ip")
    return found


def rule(line):
    chain = table(line).chains[line.split()[1]]
    assert chain.size == 1
    return chain.rules[0]


def fields(found):
    """What differs from a rule that matches everything and decides nothing."""
    return {
        name: value
        for name, value in found._asdict().items()
        if value != Rule._field_defaults.get(name) and name not in ("text", "position")
    }


RULES = [
    # printed, and what it means
    (
        "-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.18.0.2:80",
        dict(verdict="dnat", target="DNAT", protocol="tcp", ports=((8080, 8080),), not_in_interface="docker0",
             interfaces=("docker0",), to_ip="172.18.0.2", to_first=80, to_last=80),
    ),
    (
        "-A DOCKER -d 127.0.0.1/32 -p udp -m udp --dport 53 -j DNAT --to-destination 172.18.0.4:53",
        dict(verdict="dnat", target="DNAT", protocol="udp", ips=("127.0.0.1",), ports=((53, 53),), to_ip="172.18.0.4",
             to_first=53, to_last=53),
    ),
    (
        "-A DOCKER ! -s fe80::/10 ! -i br0 -p tcp -m tcp --dport 8084 -j DNAT --to-destination [fd00:77::2]:80",
        dict(verdict="dnat", target="DNAT", protocol="tcp", ports=((8084, 8084),), not_in_interface="br0",
             interfaces=("br0",), to_ip="fd00:77::2", to_first=80, to_last=80, condition="! -s fe80::/10"),
    ),
    ("-A DOCKER -i docker0 -j RETURN",
     dict(verdict="return", target="RETURN", in_interface="docker0", interfaces=("docker0",))),
    ("-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER", dict(verdict="jump", target="DOCKER", local=True)),
    ("-A PREROUTING -m addrtype ! --dst-type LOCAL -j DOCKER",
     dict(verdict="jump", target="DOCKER", condition="! --dst-type LOCAL")),
    ("-A PREROUTING ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER",
     dict(verdict="jump", target="DOCKER", local=True, spares_loopback=True, condition="! -d 127.0.0.0/8")),
    ("-A PREROUTING -g X", dict(verdict="goto", target="X")),
    ("-A PREROUTING -j LOG --log-prefix \"a b: \"", dict(target="LOG")),
    ("-A PREROUTING -p tcp -m multiport --dports 80,443,8000:8010 -j REDIRECT --to-ports 3128",
     dict(verdict="redirect", target="REDIRECT", protocol="tcp", ports=((80, 80), (443, 443), (8000, 8010)),
          to_first=3128, to_last=3128)),
    ("-A PREROUTING -p tcp -m multiport ! --dports 80,443 -j REDIRECT",
     dict(verdict="redirect", target="REDIRECT", protocol="tcp", ports=((1, 79), (81, 442), (444, 65535)))),
    ("-A PREROUTING -p tcp -m tcp ! --dport 22 -j DNAT --to-destination :8080",
     dict(verdict="dnat", target="DNAT", protocol="tcp", ports=((1, 21), (23, 65535)), to_first=8080, to_last=8080)),
    ("-A PREROUTING -p udp -m udp --sport 53 --dport 0:1024 -j DNAT --to-destination 10.0.0.1",
     dict(verdict="dnat", target="DNAT", protocol="udp", ports=((0, 1024),), to_ip="10.0.0.1", condition="--sport 53")),
    ("-A PREROUTING -p tcp -m tcp --dport 100:200 -j DNAT --to-destination 10.0.0.1-10.0.0.5:300-400",
     dict(verdict="dnat", target="DNAT", protocol="tcp", ports=((100, 200),), to_ip="10.0.0.1", to_first=300,
          to_last=400)),
    ("-A PREROUTING -p tcp -m tcp --dport 100:200 -j DNAT --to-destination 10.0.0.1:300-400/100",
     dict(verdict="dnat", target="DNAT", protocol="tcp", ports=((100, 200),), to_ip="10.0.0.1", to_first=300,
          to_last=400)),
    ("-A PREROUTING -p tcp -m tcp --dport 80 -j DNAT --to-destination fd00::1",
     dict(verdict="dnat", target="DNAT", protocol="tcp", ports=((80, 80),), to_ip="fd00::1")),
    ("-A PREROUTING -p tcp -m tcp --dport 80 -j DNAT --to-destination [fd00::1-fd00::5]:80-90",
     dict(verdict="dnat", target="DNAT", protocol="tcp", ports=((80, 80),), to_ip="fd00::1", to_first=80, to_last=90)),
    ("-A PREROUTING -p tcp -m tcp --dport 8000 -j DNAT --to-destination 10.0.0.1 --random --persistent",
     dict(verdict="dnat", target="DNAT", protocol="tcp", ports=((8000, 8000),), to_ip="10.0.0.1")),
    ("-A PREROUTING -d 1.2.3.0/24 -j DNAT --to-destination 10.0.0.1",
     dict(verdict="dnat", target="DNAT", to_ip="10.0.0.1", condition="-d 1.2.3.0/24")),
    ("-A PREROUTING -s 10.0.0.0/8 -d 1.2.0.0/255.255.0.255 -j ACCEPT",
     dict(verdict="accept", target="ACCEPT", condition="-s 10.0.0.0/8 -d 1.2.0.0/255.255.0.255")),
    ("-A PREROUTING -i eth+ -p tcp -m iprange --dst-range 1.1.1.1-1.1.1.9 -m tcp --dport 25 -j DROP",
     dict(verdict="drop", target="DROP", protocol="tcp", ports=((25, 25),), in_interface="eth+", interfaces=("eth+",),
          condition="-m iprange --dst-range 1.1.1.1-1.1.1.9")),
    ("-A PREROUTING -p tcp -m conntrack --ctstate NEW --ctorigdst 10.0.0.9/32 --ctorigdstport 80 -j RETURN",
     dict(verdict="return", target="RETURN", protocol="tcp", ips=("10.0.0.9",), ports=((80, 80),))),
    ("-A PREROUTING -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
     dict(verdict="accept", target="ACCEPT", condition="--ctstate RELATED,ESTABLISHED")),
    ("-A PREROUTING -m set ! --match-set blocked src -m mark --mark 0x1 -j ACCEPT",
     dict(verdict="accept", target="ACCEPT", condition="-m set ! --match-set blocked src -m mark --mark 0x1")),
    ("-A PREROUTING -m socket -j ACCEPT", dict(verdict="accept", target="ACCEPT", condition="-m socket")),
    ("-A PREROUTING -m socket --transparent -m tcp --tcp-flags SYN,ACK SYN -j ACCEPT",
     dict(verdict="accept", target="ACCEPT", condition="-m socket --transparent --tcp-flags SYN,ACK SYN")),
    ("-A PREROUTING ! -p tcp -j ACCEPT", dict(verdict="accept", target="ACCEPT", condition="! -p tcp")),
    ("-A PREROUTING -p 132 -m sctp --dport 80 -j ACCEPT",
     dict(verdict="accept", target="ACCEPT", protocol="sctp", ports=((80, 80),))),
    ("-A PREROUTING -p tcp -m tcp --dport 443 -j TPROXY --on-port 9000 --on-ip 127.0.0.1 --tproxy-mark 0x0/0x0",
     dict(verdict="redirect", target="TPROXY", protocol="tcp", ports=((443, 443),), to_ip="127.0.0.1", to_first=9000,
          to_last=9000)),
    ("-A PREROUTING -d 10.0.0.1/32 -j NETMAP --to 10.9.0.0/24",
     dict(verdict="dnat", target="NETMAP", ips=("10.0.0.1",), to_ip="10.9.0.0")),
    ("-A PREROUTING -p tcp -m tcp --dport 25 -j REJECT --reject-with tcp-reset",
     dict(verdict="drop", target="REJECT", protocol="tcp", ports=((25, 25),))),
    ("-A PREROUTING -p tcp -m tcp --dport 80 -j DNAT --to-destination nowhere:80",
     dict(verdict="dnat", target="DNAT", protocol="tcp", ports=((80, 80),), opaque=True,
          condition="-j DNAT --to-destination nowhere:80")),
    ("-A PREROUTING -p tcp", dict(protocol="tcp")),
    (r'-A PREROUTING -p tcp -m comment --comment "he said \"hi\" it\'s \\ -j DROP" -m tcp --dport 80 -j ACCEPT',
     dict(verdict="accept", target="ACCEPT", protocol="tcp", ports=((80, 80),))),
    ("-A PREROUTING -m comment --comment --dport -j ACCEPT", dict(verdict="accept", target="ACCEPT")),
    ("-A PREROUTING -m comment --comment \"\" -j ACCEPT", dict(verdict="accept", target="ACCEPT")),
    (r'-A PREROUTING -m string --string "a b\"c" --algo bm -j ACCEPT',
     dict(verdict="accept", target="ACCEPT", condition=r'-m string --string "a b\"c" --algo bm')),
]  # fmt: skip


@pytest.mark.parametrize("line, expected", RULES)
def test_rule(line, expected):
    found = rule(line)

    assert fields(found) == expected
    assert found.text == line


def test_a_comment_with_a_newline_is_one_rule():
    text = '-A DOCKER -p tcp -m comment --comment "two\n-A X \\"lines\\"" -m tcp --dport 80 -j DROP'

    found = table(text, "-A DOCKER -j RETURN")

    assert [one.text for one in found.chains["DOCKER"].rules] == [text, "-A DOCKER -j RETURN"]
    assert found.chains["DOCKER"].rules[0].ports == ((80, 80),)


def test_chains():
    found = table("-A DOCKER -j RETURN", "-A DOCKER -j ACCEPT", "[12:345] -A X -j DROP")

    assert {name: (one.hook, one.policy, one.size) for name, one in found.chains.items()} == {
        "PREROUTING": ("prerouting", "ACCEPT", 0),
        "DOCKER": ("", "", 2),
        "X": ("", "", 1),
    }
    assert [one.position for one in found.chains["DOCKER"].rules] == [1, 2]
    assert found.chains["X"].rules[0].text == "-A X -j DROP"


def test_nothing_printed_is_no_table():
    assert iptables_save.parse("", "iptables-nft", "ip") == ()


def test_tables_that_nft_wrote_into():
    text = (
        "# Table `nat' is incompatible, use 'nft' tool.\n"
        "# Table `raw' contains incompatible base-chains, use 'nft' tool to list them.\n"
        "*raw\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n"
    )

    assert iptables_save.incompatible(text) == ("nat", "raw")
    assert [one.name for one in iptables_save.parse(text, "iptables-nft", "ip")] == ["raw"]


BAD = [
    ("-A X -j DROP\n", "'-A X -j DROP' stands outside any table"),
    ("*nat\n:X - [0:0]\n-A X -j DROP\n", "table nat ends without COMMIT"),
    ("*nat\n:X\nCOMMIT\n", "':X' is no chain: expected :NAME POLICY [PACKETS:BYTES]"),
    ("*nat\n-I X -j DROP\nCOMMIT\n", "'-I X -j DROP' is no rule: expected -A CHAIN ..."),
    ("*nat\n-A X -d\nCOMMIT\n", "'-A X -d' has no value for -d"),
    ("*nat\n-A X -j\nCOMMIT\n", "'-A X -j' has no value for -j"),
    ('*nat\n-A X -m comment --comment "open\nCOMMIT\n', "'-A X -m comment --comment \"open' has a quote that is not closed"),
    ("iptables-save: command not found\n", "'iptables-save: command not found' stands outside any table"),
]  # fmt: skip


@pytest.mark.parametrize("text, message", BAD)
def test_text_that_is_no_dump(text, message):
    with pytest.raises(RulesError, match=f"^{re.escape(message)}$"):
        iptables_save.parse(text, "iptables-nft", "ip")


@given(st.text(alphabet='*:#-ADj "\\!\nCOMIT0[]', max_size=60) | st.text(max_size=40))
def test_no_text_does_worse_than_a_rules_error(text):
    with contextlib.suppress(RulesError):
        iptables_save.parse("*nat\n" + text, "iptables-nft", "ip")


NAME = st.text(alphabet="abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.", min_size=1, max_size=12)
PORT = st.integers(0, 65535)
OCTET = st.integers(0, 255)
IP = st.builds("{}.{}.{}.{}".format, OCTET, OCTET, OCTET, OCTET)


def as_printed(word):
    """As xtables_save_string() prints it."""
    if word and all(c.isascii() and (c.isalnum() or c in "_-") for c in word):
        return word
    return '"' + re.sub(r"([\"\\'])", r"\\\1", word) + '"'


@st.composite
def printed_rules(draw):
    """A rule with the fields that must be read from it."""
    words, expected = ["-A", "DOCKER"], {}
    if draw(st.booleans()):
        expected["ips"] = (draw(IP),)
        words += ["-d", f"{expected['ips'][0]}/32"]
    if draw(st.booleans()):
        expected["not_in_interface"] = draw(NAME)
        words += ["!", "-i", expected["not_in_interface"]]
    expected["protocol"] = draw(st.sampled_from(["tcp", "udp", "sctp"]))
    words += ["-p", expected["protocol"]]
    if draw(st.booleans()):
        words += ["-m", "comment", "--comment", as_printed(draw(st.text(max_size=20)))]
    if draw(st.booleans()):
        mark = f"--mark {draw(st.integers(0, 9))}"
        expected["condition"] = f"-m mark {mark}"
        words += ["-m", "mark", mark]
    ports = sorted([draw(PORT), draw(PORT)])
    expected["ports"] = (tuple(ports),)
    words += ["-m", expected["protocol"], "--dport", f"{ports[0]}:{ports[1]}"]
    expected["to_ip"], expected["to_first"] = draw(IP.filter(lambda ip: ip != "0.0.0.0")), draw(PORT)
    words += ["-j", "DNAT", "--to-destination", f"{expected['to_ip']}:{expected['to_first']}"]
    return " ".join(words), expected


@given(st.lists(printed_rules(), max_size=5))
def test_rules_of_a_grammar_are_read_back(rules):
    found = table(*[line for line, _want in rules]).chains["DOCKER"].rules

    assert [one.text for one in found] == [line for line, _want in rules]
    assert [{name: getattr(one, name) for name in want} for one, (_line, want) in zip(found, rules)] == [
        want for _line, want in rules
    ]


@given(st.lists(st.text(st.characters(blacklist_categories=("Cs",)), min_size=0, max_size=20), min_size=1, max_size=5))
def test_words_are_read_as_they_were_before_they_were_quoted(words):
    assert arguments_of(" ".join(as_printed(word) for word in words)) == words


def test_every_recording_is_read_wholly():
    count = 0
    for path in saves():
        text = printed(path)
        tables = iptables_save.parse(text, "iptables-nft", "ip")
        rules = [one.text for t in tables for chain in t.chains.values() for one in chain.rules]
        assert sorted(rules) == sorted(line.rstrip() for line in text.splitlines() if line.startswith("-A")), path
        assert {one.name for one in tables} == set(re.findall(r"^\*(\w+)$", text, re.MULTILINE))
        count += len(rules)
    assert count > 3000


def test_all_that_docker_wrote_is_understood():
    """Nothing of Docker's DNAT rules ends as a condition, but that link-local addresses are spared."""
    seen = set()
    for path in FOLDER.glob("*/*tables-*-save.txt"):
        for one in iptables_save.parse(printed(path), "iptables-nft", "ip"):
            seen |= {r.condition for c in one.chains.values() for r in c.rules if r.verdict == "dnat" and not r.opaque}
    assert seen == {"", "! -s fe80::/10"}


def test_ten_thousand_rules_are_read_in_half_a_second():
    line = (
        '-A DOCKER -d 10.0.{0}.{1}/32 ! -i br-7e8453e90e41 -p tcp -m comment --comment "a b" -m tcp --dport {1} -j DROP'
    )
    text = HEAD + "\n".join(line.format(i // 200, i % 200) for i in range(10_000)) + "\nCOMMIT\n"
    took = []
    for _turn in range(3):
        start = time.process_time()
        iptables_save.parse(text, "iptables-nft", "ip")
        took.append(time.process_time() - start)
    assert min(took) < 0.5


def test_words_keep_their_quotes():
    assert words_of(r'-A X --comment "a \" b" -j Y') == ["-A", "X", "--comment", r'"a \" b"', "-j", "Y"]
