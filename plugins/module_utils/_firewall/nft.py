# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A policy as an nftables table of its own, for engines with `firewall-backend: nftables` (29 and newer).

Such an engine has no DOCKER-USER; its filter-FORWARD hooks at priority filter. This table looks before it: what it
drops is dropped, and what it lets through is still judged by the engine's table and by everybody else's. The steps are
those of the iptables chains (`chains.py`). Source: nft(8); engine 29.7.2's own table, docker-bridges.
"""

from __future__ import annotations

import itertools
import re
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import chains, marks, networks
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.policy import Policy, Rule, Sources
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.ports import Ports
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.published import Published, bindings
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.surroundings import (
    ALWAYS,
    PATTERN,
    Surroundings,
)

TABLE = marks.TABLE
ENGINES = {4: "ip docker-bridges", 6: "ip6 docker-bridges"}
PRIORITY = "filter - 10"
GONE = f"add table {TABLE}\ndelete table {TABLE}\n"  # whether it was there or not

_WORDS = {4: ("ip", "ipv4"), 6: ("ip6", "ipv6")}
_LOG_LIMIT = "limit rate 30/minute burst 10 packets"
_KNOWN = "ct state established,related return"
_BRIDGE = re.compile(r"^\s*chain filter-forward-in__(\S+) \{", re.MULTILINE)
_DNAT = re.compile(
    r"^\s*(?:iifname \S+ |iifname != \S+ )?(?:ip6? daddr (\S+) )?(\w+) dport (\d+)(?:-(\d+))? .*\bdnat to ",
    re.MULTILINE,
)


def table(policy: Policy, around: Surroundings) -> str:
    """The table itself."""
    rules = [line for rule in policy.rules for line in _rule(rule)]
    if policy.default == "deny":
        rules.append('drop comment "default"')
    parts = {
        "rules": rules,
        "container": _container(policy),
        "outside": _towards_containers(around),
        "local": [_local(one) for one in bindings(around.published)],
        "forward": [_hook("forward"), _KNOWN, *_inside(policy, around, "outside"), "goto outside"],
        "input": [_hook("input"), _KNOWN, 'iifname "lo" return', *_inside(policy, around, "local"), "goto local"],
    }
    body = "".join(
        f"\tchain {name} {{\n" + "".join(f"\t\t{line}\n" for line in lines) + "\t}\n" for name, lines in parts.items()
    )
    return f"table {TABLE} {{\n{body}}}\n"


def bridges(listing: str) -> t.Set[str]:
    """The engine's bridges in what `nft list table ip docker-bridges` printed."""
    return set(_BRIDGE.findall(listing))


def published(family: int, listing: str) -> t.List[Published]:
    """What the engine's table publishes."""
    return [
        Published(family, protocol, ip or "", int(first), int(last or first), turned=True)
        for ip, protocol, first, last in _DNAT.findall(listing)
    ]


def _hook(name: str) -> str:
    return f"type filter hook {name} priority {PRIORITY}; policy accept;"


def _names(names: t.Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _inside(policy: Policy, around: Surroundings, onward: str) -> t.List[str]:
    lines = [f"iifname {_names([name])} return" for name in policy.trusted]
    lines += [f"iifname {{ {_names(around.foreign)} }} goto {onward}"] if around.foreign else []
    return [*lines, f'iifname "{PATTERN}*" return', f"iifname {{ {_names((*ALWAYS, *around.bridges))} }} return"]


def _towards_containers(around: Surroundings) -> t.List[str]:
    lines = [f"oifname {{ {_names(around.foreign)} }} return"] if around.foreign else []
    engines = _names((*ALWAYS, *around.bridges))
    return [*lines, f'oifname "{PATTERN}*" goto container', f"oifname {{ {engines} }} goto container"]


def _container(policy: Policy) -> t.List[str]:
    if policy.default != "deny":
        return ["ct status dnat goto rules"]
    lines = ["ct original ip daddr 127.0.0.0/8 drop", "ct status dnat goto rules"]
    for family in networks.FAMILIES:
        found = networks.networks(family, policy.routed.of(family))
        lines += [f"{_WORDS[family][0]} daddr {{ {', '.join(found)} }} return"] if found else []
    return [*lines, 'drop comment "not a published port"']


def _local(one: Published) -> str:
    word, protocol = _WORDS[one.family]
    to = f"{word} daddr {one.ip}" if one.ip else f"meta nfproto {protocol}"
    return f"{to} {one.protocol} dport {one.first if one.first == one.last else f'{one.first}-{one.last}'} goto rules"


def _rule(rule: Rule) -> t.Iterator[str]:
    name = chains.safe(f"{rule.number}: {rule.comment}" if rule.comment else str(rule.number))
    for addresses, way in itertools.product(_addresses(rule.sources, rule.host), _ways(rule.interfaces)):
        for ports in chains.by_protocol(rule):
            match = f"{addresses}{way}{_original(ports)}"
            if rule.log:
                yield f'{match}{_LOG_LIMIT} log prefix "dockmaster {rule.action} {rule.number}: "'
            yield f'{match}{_verdict(rule.action, ports.protocol)} comment "{name}"'


def _ways(interfaces: t.Sequence[str]) -> t.List[str]:
    """A set of names, and `tun*` in a rule of its own: sets know no such name before nft 1.0.3."""
    whole = [name for name in interfaces if not name.endswith("*")]
    patterns = [f'iifname "{name}" ' for name in interfaces if name.endswith("*")]
    return ([f"iifname {{ {_names(whole)} }} "] if whole else []) + patterns or [""]


def _addresses(sources: t.Optional[Sources], host: t.Optional[Sources]) -> t.Iterator[str]:
    """A rule of both families that asks for addresses becomes one of each."""
    if sources is None and host is None:
        yield ""
        return
    for family in networks.FAMILIES:
        if any(asked is not None and not asked.of(family) for asked in (sources, host)):
            continue
        word = _WORDS[family][0]
        ours = f"{word} saddr {{ {', '.join(networks.networks(family, sources.of(family)))} }} " if sources else ""
        theirs = f"ct original {word} daddr {networks.networks(family, host.of(family))[0]} " if host else ""
        yield ours + theirs


def _original(ports: Ports) -> str:
    """One range a match: nft 1.0 prints a set of original ports as numbers of no type."""
    asked = f"meta l4proto {ports.protocol} " if ports.protocol else ""
    if ports.every:
        return asked
    return (
        f"{asked}ct original proto-dst {ports.first if ports.first == ports.last else f'{ports.first}-{ports.last}'} "
    )


def _verdict(action: str, protocol: str) -> str:
    if action != "reject":
        return {"allow": "return", "deny": "drop"}[action]
    return "reject with tcp reset" if protocol == "tcp" else "reject with icmpx port-unreachable"
