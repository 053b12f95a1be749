# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A policy as iptables chains, in the words of iptables-save, so that what is wanted and what is there compare as text.

    FORWARD: DOCKER-USER: DOCKMASTER -> DOCKMASTER-OUTSIDE -> DOCKMASTER-CONTAINER -> DOCKMASTER-POLICY
    INPUT: DOCKMASTER-INPUT -> DOCKMASTER-LOCAL -> DOCKMASTER-POLICY

Each jump (:) is the first rule of its chain. Every step (->) is a goto, so RETURN anywhere goes back to the rule after
the last jump: what is let through is judged by whatever follows there, and never accepted here. Ports are those that
the client asked for, whatever DNAT made of them (--ctorigdstport); of a connection that no DNAT turned they are its
own, so one chain serves FORWARD and INPUT.
Source: iptables-extensions(8), conntrack.
"""

from __future__ import annotations

import hashlib
import re
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import marks, networks
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.policy import Policy, Rule, Sources
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.ports import Ports
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.published import Published, bindings
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.surroundings import (
    ALWAYS,
    PATTERN,
    Surroundings,
)

ENTRY, OUTSIDE, CONTAINER = marks.CHAIN, "DOCKMASTER-OUTSIDE", "DOCKMASTER-CONTAINER"
POLICY, INPUT, LOCAL = "DOCKMASTER-POLICY", "DOCKMASTER-INPUT", "DOCKMASTER-LOCAL"
NAMES = (ENTRY, OUTSIDE, CONTAINER, POLICY, INPUT, LOCAL)

SET_PREFIX = "dockmaster-"
SET_FROM = 16  # so many networks of one rule go into a set, where the host has ipset
LOG_LIMIT = "-m limit --limit 30/min --limit-burst 10"

_KNOWN = "-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN"
_REFUSALS = {4: "icmp-port-unreachable", 6: "icmp6-port-unreachable"}
_UNSAFE = re.compile(r"[^ -!#-\[\]-_a-~]")  # quotes, backslashes, controls and what is not ASCII

Chains = t.Dict[str, t.List[str]]
Sets = t.Dict[str, t.Tuple[str, ...]]


class Laid(t.NamedTuple):
    """chains: rules by chain. sets: networks by the name of the set that they are in."""

    chains: Chains
    sets: Sets


def lay_out(policy: Policy, around: Surroundings, family: int, with_sets: bool) -> Laid:
    """The chains, and the sets that their rules name, of one family: 4 or 6."""
    sets: Sets = {}
    rules = [line for rule in policy.rules for line in _rule(rule, family, sets if with_sets else None)]
    if policy.default == "deny":
        rules.append("-m comment --comment default -j DROP")
    return Laid(
        {
            ENTRY: [_KNOWN, *_inside(policy, around, OUTSIDE), f"-g {OUTSIDE}"],
            OUTSIDE: _towards_containers(around),
            CONTAINER: _container(policy, family),
            POLICY: rules,
            INPUT: [_KNOWN, "-i lo -j RETURN", *_inside(policy, around, LOCAL), f"-g {LOCAL}"],
            LOCAL: [_local(one) for one in bindings(around.published) if one.family == family],
        },
        sets,
    )


def _inside(policy: Policy, around: Surroundings, onward: str) -> t.List[str]:
    """Who comes from the engine's bridges, or by a trusted interface, is not from outside."""
    lines = [f"-i {_wildcard(name)} -j RETURN" for name in policy.trusted]
    lines += [f"-i {name} -g {onward}" for name in around.foreign]
    return lines + [f"-i {name} -j RETURN" for name in (PATTERN + "+", *ALWAYS, *around.bridges)]


def _towards_containers(around: Surroundings) -> t.List[str]:
    lines = [f"-o {name} -j RETURN" for name in around.foreign]
    return lines + [f"-o {name} -g {CONTAINER}" for name in (PATTERN + "+", *ALWAYS, *around.bridges)]


def _container(policy: Policy, family: int) -> t.List[str]:
    """A turned connection meets the policy. One to a container's own address has gone round every published port."""
    turned = f"-m conntrack --ctstate DNAT -g {POLICY}"
    if policy.default != "deny":
        return [turned]
    lines = (
        ["-m conntrack --ctorigdst 127.0.0.0/8 -j DROP"] if family == 4 else []
    )  # moby#45610: published to the host alone
    lines += [turned]
    lines += [f"-d {net} -j RETURN" for net in networks.networks(family, policy.routed.of(family))]
    return [*lines, '-m comment --comment "not a published port" -j DROP']


def _local(one: Published) -> str:
    ports = str(one.first) if one.first == one.last else f"{one.first}:{one.last}"
    to = f"-d {one.ip}/{networks.BITS[one.family]} " if one.ip else ""
    return f"{to}-p {one.protocol} -m {one.protocol} --dport {ports} -g {POLICY}"


def _rule(rule: Rule, family: int, sets: t.Optional[Sets]) -> t.Iterator[str]:
    hosts = _hosts(rule.host, family)
    sources = _sources(rule.sources, family, sets)
    name = comment(f"{rule.number}: {rule.comment}" if rule.comment else str(rule.number))
    for ports in by_protocol(rule):
        for interface in rule.interfaces or ("",):
            for host in hosts:
                for address, members in sources:
                    way = f"-i {_wildcard(interface)} " if interface else ""
                    match = f"{address}{way}{_original(ports, host)}{members}{name}"
                    if rule.log:
                        yield f'{match} {LOG_LIMIT} -j LOG --log-prefix "dockmaster {rule.action} {rule.number}: "'
                    yield f"{match} -j {_target(rule.action, ports, family)}"


def by_protocol(rule: Rule) -> t.Iterator[Ports]:
    """A refusal speaks the protocol: TCP has its own, so `all` is told apart."""
    for ports in rule.ports:
        if rule.action == "reject" and not ports.protocol:
            yield Ports("tcp")
        yield ports


def _hosts(host: t.Optional[Sources], family: int) -> t.Tuple[str, ...]:
    if host is None or host.of(family) == networks.EVERY[family]:
        return ("",)
    return tuple(networks.short(family, host.of(family)))


def _sources(sources: t.Optional[Sources], family: int, sets: t.Optional[Sets]) -> t.List[t.Tuple[str, str]]:
    """(address part, set part) of the rules that together match the sources."""
    if sources is None or sources.of(family) == networks.EVERY[family]:
        return [("", "")]
    found = networks.networks(family, sources.of(family))
    if sets is None or len(found) < SET_FROM:
        return [(f"-s {net} ", "") for net in found]
    name = set_name(family, found)
    sets[name] = tuple(found)
    return [("", f"-m set --match-set {name} src ")]


def set_name(family: int, found: t.Sequence[str]) -> str:
    """A set is called after what is in it: a policy's next version never changes a set that the rules still use."""
    digest = hashlib.sha256("\n".join(found).encode()).hexdigest()[:12]
    return f"{SET_PREFIX}{family}-{digest}"


def _original(ports: Ports, host: str) -> str:
    words = [f"--ctorigdst {host}"] if host else []
    if not ports.every:
        words.append(f"--ctorigdstport {ports.first}" + (f":{ports.last}" if ports.last > ports.first else ""))
    protocol = f"-p {ports.protocol} " if ports.protocol else ""
    return f"{protocol}-m conntrack {' '.join(words)} --ctdir ORIGINAL ".replace("  ", " ")


def _target(action: str, ports: Ports, family: int) -> str:
    if action != "reject":
        return {"allow": "RETURN", "deny": "DROP"}[action]
    return f"REJECT --reject-with {'tcp-reset' if ports.protocol == 'tcp' else _REFUSALS[family]}"


def safe(text: str) -> str:
    """What a rule says of itself, in characters that every tool prints as it read them, and not too many (nft: 128)."""
    return _UNSAFE.sub("?", text)[:100].strip()


def comment(text: str) -> str:
    """The match that holds it."""
    text = safe(text)
    return f'-m comment --comment "{text}"' if re.search(r"[^A-Za-z0-9_./-]", text) else f"-m comment --comment {text}"


def _wildcard(interface: str) -> str:
    return interface[:-1] + "+" if interface.endswith("*") else interface
