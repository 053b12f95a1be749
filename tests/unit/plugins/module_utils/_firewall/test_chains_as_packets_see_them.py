# SPDX-License-Identifier: GPL-3.0-or-later
"""The chains, walked as the kernel walks them, decide as the policy says: for any policy and any connection."""

from __future__ import annotations

import dataclasses
import fnmatch
import ipaddress
import typing as t

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import chains, policy, reach, saved
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.published import Published
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.surroundings import Surroundings

BRIDGES = ("docker0", "br-0123456789ab", "shop0", "docker_gwbridge")
AROUND = Surroundings(
    bridges=("shop0",), foreign=("br-lan",), published=(Published(4, "tcp", "", 80, 90, proxied=True),)
)
HOST, OTHER_HOST, ROUTED, CONTAINER = "192.0.2.1", "192.0.2.2", "10.7.0.5", "172.17.0.2"


@dataclasses.dataclass(frozen=True)
class Packet:
    """The first of a connection, unless `known`. to: address and port that the client asked for; out: "" where it is local."""

    source: str
    to: str
    port: int
    protocol: str
    by: str
    out: str
    turned: bool = False
    known: bool = False

    @property
    def destination(self) -> str:
        """Where it goes now."""
        return CONTAINER if self.turned else self.to


def walk(laid: chains.Laid, packet: Packet) -> str:
    """pass, or the target that ended its way."""
    found = _chain(laid, chains.ENTRY if packet.out else chains.INPUT, packet)
    return "pass" if found == "RETURN" else found


def _chain(laid: chains.Laid, name: str, packet: Packet) -> str:
    for rule in laid.chains[name]:
        words = saved.words(rule)
        at = next(number for number, word in enumerate(words) if word in ("-j", "-g"))
        if not all(_matches(option, packet, laid) for option in _options(words[:at])):
            continue
        if words[at] == "-g":
            return _chain(laid, words[at + 1], packet)  # its end is ours
        if words[at + 1] != "LOG":
            return words[at + 1]
    return "RETURN"


def _options(words: t.List[str]) -> t.Iterator[t.List[str]]:
    option: t.List[str] = []
    for word in words:
        if word.startswith("-") and option:
            yield option
            option = []
        option = [*option, word]
    if option:
        yield option


def _matches(option: t.List[str], packet: Packet, laid: chains.Laid) -> bool:
    name, value = option[0], option[1]
    if name in ("-m", "--comment", "--limit", "--limit-burst", "--ctdir"):
        return True
    if name in ("-i", "-o"):
        interface = packet.by if name == "-i" else packet.out
        return interface.startswith(value[:-1]) if value.endswith("+") else interface == value
    if name == "-p":
        return packet.protocol == value
    if name == "--ctstate":
        states = {"ESTABLISHED"} if packet.known else {"NEW"}
        return bool((states | ({"DNAT"} if packet.turned else set())) & set(value.split(",")))
    if name in ("--ctorigdstport", "--dport"):
        first, _colon, last = value.partition(":")
        return int(first) <= packet.port <= int(last or first)
    if name == "--match-set":
        return any(_in(packet.source, net) for net in laid.sets[value])
    return _in({"-s": packet.source, "-d": packet.destination, "--ctorigdst": packet.to}[name], value)


def _in(address: str, network: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network(network)


def decided(wanted: policy.Policy, packet: Packet) -> str:
    """What the policy says, read by a person."""
    inside = packet.by in BRIDGES or _one_of(packet.by, wanted.trusted)
    if packet.known or inside or packet.by == "lo":
        return "pass"
    if packet.out and packet.out not in BRIDGES:
        return "pass"  # not to a container of this engine
    if packet.out and not packet.turned:
        return "pass" if wanted.default == "allow" or packet.to == ROUTED else "DROP"
    if not packet.out and not (packet.protocol == "tcp" and 80 <= packet.port <= 90):
        return "pass"  # a service of the host's own
    if packet.turned and wanted.default == "deny" and packet.to == "127.0.0.1":
        return "DROP"
    for rule in wanted.rules:
        if _asks_for(rule, packet):
            return {"allow": "pass", "deny": "DROP", "reject": "REJECT"}[rule.action]
    return "pass" if wanted.default == "allow" else "DROP"


def _asks_for(rule: policy.Rule, packet: Packet) -> bool:
    number, to = int(ipaddress.ip_address(packet.source)), int(ipaddress.ip_address(packet.to))
    return (
        any(one.protocol in ("", packet.protocol) and one.first <= packet.port <= one.last for one in rule.ports)
        and (rule.sources is None or any(first <= number <= last for first, last in rule.sources.v4))
        and (rule.host is None or any(first <= to <= last for first, last in rule.host.v4))
        and (not rule.interfaces or _one_of(packet.by, rule.interfaces))
    )


def _one_of(interface: str, names: t.Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(interface, name) for name in names)


SOURCES = ["10.0.0.1", "10.0.0.0/8", "10.0.0.0-10.0.0.200", "198.51.100.0/24", "0.0.0.0/0", "2001:db8::/32"]
MANY = [f"10.0.{n}.{m}" for n in range(2) for m in range(0, 40, 2)]
PORTS = ["80", "85-95", "80/udp", "all", "all/tcp", "443"]
BYS = ["eth0", "eth1", "wg0", "docker0", "br-0123456789ab", "shop0", "br-lan", "lo"]

rule = st.fixed_dictionaries(
    {
        "ports": st.lists(st.sampled_from(PORTS), min_size=1, max_size=2),
        "action": st.sampled_from(policy.ACTIONS),
        "sources": st.one_of(st.none(), st.just(MANY), st.lists(st.sampled_from(SOURCES), min_size=1, max_size=3)),
        "host_ip": st.sampled_from([None, HOST, "192.0.2.0/24", "0.0.0.0/0"]),
        "in_interfaces": st.lists(st.sampled_from(["eth0", "eth1", "eth*"]), max_size=2, unique=True),
        "log": st.booleans(),
    }
).filter(lambda plain: set(plain["sources"] or ()) != {"2001:db8::/32"} or plain["host_ip"] is None)
policies = st.builds(
    lambda default, rules, trusted: policy.parse(
        {"default": default, "rules": rules, "trusted_interfaces": trusted, "routed_networks": ["10.7.0.0/16"]}
    ),
    st.sampled_from(policy.DEFAULTS),
    st.lists(rule, max_size=4),
    st.sampled_from([["wg0"], ["wg*"], ["wg0", "eth1"]]),
)
packets = st.builds(
    Packet,
    source=st.sampled_from(["10.0.0.1", "10.0.1.2", "10.0.1.3", "198.51.100.7", "203.0.113.9"]),
    to=st.sampled_from([HOST, OTHER_HOST, "127.0.0.1", ROUTED, CONTAINER]),
    port=st.sampled_from([80, 85, 90, 95, 443, 22]),
    protocol=st.sampled_from(["tcp", "udp"]),
    by=st.sampled_from(BYS),
    out=st.sampled_from(["", "eth1", "br-lan", *BRIDGES]),
    turned=st.booleans(),
    known=st.booleans(),
).filter(lambda packet: packet.by != "lo" if packet.out else not packet.turned)


@settings(max_examples=600)
@given(policies, packets, st.booleans())
def test_the_chains_decide_as_the_policy_says(wanted, packet, with_sets):
    laid = chains.lay_out(wanted, AROUND, 4, with_sets)

    assert walk(laid, packet) == decided(wanted, packet)


@pytest.fixture(autouse=True, scope="module")
def every_network_is_shown():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reach, "SHOWN", 1000)
        yield


@settings(max_examples=400)
@given(
    policies,
    st.sampled_from(["10.0.0.1", "10.0.1.3", "198.51.100.7", "203.0.113.9"]),
    st.sampled_from([HOST, OTHER_HOST]),
    st.sampled_from([80, 85, 90]),
    st.sampled_from(["eth0", "eth1", "eth5", "wg0"]),
    st.booleans(),
)
def test_what_is_called_reachable_is_what_the_chains_let_through(wanted, source, to, port, by, everywhere):
    laid = chains.lay_out(wanted, AROUND, 4, with_sets=True)
    packet = Packet(source, to, port, "tcp", by, "docker0", turned=True)
    one = Published(4, "tcp", "" if everywhere else to, port, port, turned=True)

    answers = [answer for answer in reach.reachable(wanted, [one]) if _is_about(answer, packet)]

    said = {_lets_in(answer, source) for answer in answers if not any(_narrows(other, answer) for other in answers)}
    assert said == {walk(laid, packet) == "pass"}


def _is_about(answer: reach.Reach, packet: Packet) -> bool:
    return (not answer.host or _in(packet.to, answer.host)) and (
        not answer.interface or _one_of(packet.by, [answer.interface])
    )


def _narrows(one: reach.Reach, other: reach.Reach) -> bool:
    """Whether an answer is about less than another one, as a person reads them."""
    if one is other:
        return False
    by = not other.interface or (bool(one.interface) and _one_of(one.interface, [other.interface]))
    to = not other.host or (
        bool(one.host) and ipaddress.ip_network(one.host).subnet_of(ipaddress.ip_network(other.host))
    )
    return by and to


def _lets_in(answer: reach.Reach, source: str) -> bool:
    named = any(_in(source, net) for net in answer.sources)
    return {"everybody": True, "nobody": False, "only": named, "everybody except": not named}[answer.who]
