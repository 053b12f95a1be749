# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""pf, the packet filter of macOS: the rules that send a port's traffic elsewhere, in every anchor.

macOS has no netfilter, and Docker writes no rules here: its rules are in its virtual machine, for its own bridges.
Only root may ask pf, and where it is disabled it diverts nothing.
Source: pfctl(8), pf.conf(5) of macOS; XNU's pfctl_parser.c, print_rule.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import MAX_PORT
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import Firewall, NatRule
from ansible_collections.dockmaster.ports.plugins.module_utils._host import BECOME, Host, Output, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.macos.kernel import parse_settings
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.visible import visible

SECTIONS = ("nat", "firewall")

STATUS = ("pfctl", "-s", "info")
RULES = ("pfctl", "-a", "*", "-s", "nat")
FORWARDING = ("sysctl", "net.inet.ip.forwarding", "net.inet6.ip6.forwarding")

_STATUS = re.compile(r"Status: (Enabled|Disabled)\b")
_RULE = re.compile(
    r"rdr(?: pass)?(?: log(?: \([^)]*\))?)?"
    r"(?: on (?P<not>! )?(?P<interface>\S+))?"
    r"(?: (?P<family>inet6?))?"
    r"(?: proto (?P<protocol>\S+))?"
    r"(?: all| from (?P<source>.+?) to (?P<target>(?:! )?\S+)(?: port (?P<ports>.+?))?)"
    r" -> (?P<to>\S+)(?: port (?P<to_ports>\S+))?(?: .*)?"
)
_PORTS = re.compile(r"(?:= )?([0-9]{1,5})(?::([0-9]{1,5}))?")
_FAMILIES = {"inet": "ip", "inet6": "ip6", None: "inet"}
_PROTOCOLS = {"tcp": "tcp", "udp": "udp", None: ""}


def probe(host: Host, request: Request, evidence: Evidence, blind: t.List[Blind]) -> t.Dict[str, t.Any]:
    """nat is left out where pf may not be asked; firewall then still tells of forwarding."""
    seen: t.Dict[str, t.Any] = {"firewall": _firewall(host)}
    try:
        return {**seen, "nat": _rules(host, blind)}
    except Unseen as exc:
        blind.append(Blind("nat", exc.why, exc.see))
        return seen


def _firewall(host: Host) -> Firewall:
    """No ruleset: there is no netfilter that an engine could have rules in."""
    try:
        told = parse_settings(host.run(*FORWARDING).out)
    except Unseen:
        told = {}
    ip, ip6 = ({"0": False, "1": True}.get(told.get(name, "")) for name in FORWARDING[1:])
    return Firewall(ip_forward=ip, ip6_forward=ip6)


def _rules(host: Host, blind: t.List[Blind]) -> t.Tuple[NatRule, ...]:
    status = _STATUS.search(_printed(host.run(*STATUS)))
    if not status:
        raise Unseen("pfctl does not tell whether pf is enabled")
    if status[1] == "Disabled":
        return ()
    found: t.List[NatRule] = []
    for position, line in enumerate(_printed(host.run(*RULES)).split("\n"), 1):
        text = line.strip()
        if text.startswith("rdr "):
            try:
                found.append(parse_rdr(text, position))
            except ValueError:
                why = f"not understood: {text[:120]!a}"
                blind.append(Blind("nat", why, part="a rule of pf that redirects"))
    return tuple(found)


def _printed(answer: Output) -> str:
    if answer.rc:
        said = " ".join(visible(answer.err).split()) or f"exit status {answer.rc}"
        raise Unseen(f"pfctl: {said.replace('pfctl: ', '')}", BECOME if "denied" in said else "")
    return answer.out


def parse_rdr(text: str, position: int = 1) -> NatRule:
    """`rdr pass on lo0 inet proto tcp from any to any port = 80 -> 127.0.0.1 port 8080`. Raises ValueError."""
    match = _RULE.fullmatch(text)
    if not match or match["protocol"] not in _PROTOCOLS:
        raise ValueError(text)
    first, last = _ports(match["ports"])
    to_first, to_last = _ports((match["to_ports"] or "").partition(":")[0] or None)
    target = match["target"] if match["target"] not in (None, "any") else ""
    ip = target if _is_address(target) else ""
    return NatRule(
        backend="pf",
        family=_FAMILIES[match["family"]],
        table="nat",
        chain="rdr",
        position=position,
        text=visible(text),
        action="dnat",
        protocol=_PROTOCOLS[match["protocol"]],
        ip=ip,
        first=first,
        last=last,
        in_interface="" if match["not"] else visible(match["interface"] or ""),
        to_ip=match["to"] if _is_address(match["to"]) else "",
        to_first=to_first,
        to_last=to_last,
        hooks=("prerouting",),
        condition=visible(_condition(match, "" if ip else target)),
    )


def _condition(match: t.Match[str], target: str) -> str:
    """What else the rule matches on. target: a network or a name, where that is more than an address."""
    parts = [
        "" if match["source"] in (None, "any") else f"from {match['source']}",
        f"to {target}" if target else "",
        f"on ! {match['interface']}" if match["not"] else "",
    ]
    return " ".join(part for part in parts if part)


def _ports(text: t.Optional[str]) -> t.Tuple[int, int]:
    """0 and 0 for every port. Raises ValueError for names, and for comparisons such as `> 1024`."""
    if text is None:
        return 0, 0
    match = _PORTS.fullmatch(text)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 1 <= first <= last <= MAX_PORT:
        raise ValueError(text)
    return first, last


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
