# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""One rule that iptables-save printed.

What is not known here is never dropped: it becomes part of the rule's `condition`, as printed.
Source: iptables(8), iptables-extensions(8).
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import canonical
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.iptables_words import plain
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rule_tree import (
    PROTOCOL_NUMBERS,
    Ports,
    Rule,
    RulesError,
    all_but,
    port_range,
)

_VERDICTS = {
    "ACCEPT": "accept",
    "DROP": "drop",
    "REJECT": "drop",
    "RETURN": "return",
    "DNAT": "dnat",
    "NETMAP": "dnat",
    "REDIRECT": "redirect",
    "TPROXY": "redirect",
}
# Match modules that do nothing but what their options say.
_PLAIN_MODULES = ("tcp", "udp", "sctp", "dccp", "udplite", "multiport", "addrtype", "comment", "conntrack", "state")
_LOOPBACK = ("127.0.0.0/8", "::1/128")

_Found = t.Dict[str, t.Any]


def read(text: str, words: t.List[str], position: int, chains: t.Container[str]) -> Rule:
    """The rule in the words of a line. chains: those of its table. Raises RulesError where a value is missing."""
    found: _Found = {}
    condition: t.List[str] = []
    module = ""  # a match module that none of its options has named in the condition yet
    end, index = len(words), 2
    while index < end:
        start = index
        negated = words[index] == "!"
        index += negated
        option = words[index] if index < end else "!"
        if option in ("-j", "-g"):
            condition += (["-m", module] if module else []) + _read_target(found, words[index:], chains, text)
            break
        reader = _READERS.get(option)
        index = index + 2 if reader else _after_values(words, index + 1)
        if index > end:
            raise RulesError(f"{text[:60]!r} has no value for {option}")
        if option == "-m":
            condition += ["-m", module] if module else []
            module = "" if words[index - 1] in _PLAIN_MODULES else words[index - 1]
        elif not (reader and reader(found, plain(words[index - 1]), negated)):
            condition += (["-m", module] if module else []) + words[start:index]
            module = ""
    return Rule(text.rstrip(), position, condition=" ".join(condition), **found)


def _after_values(words: t.List[str], index: int) -> int:
    """Where the values of an option that is not known end: at the next option."""
    while index < len(words) and words[index] != "!" and words[index][0] != "-":
        index += 1
    return index


def _read_target(found: _Found, words: t.List[str], chains: t.Container[str], text: str) -> t.List[str]:
    """Fills in the verdict. Returns the words of a target that is not understood, else nothing."""
    if len(words) < 2:
        raise RulesError(f"{text[:60]!r} has no value for {words[0]}")
    target = found["target"] = words[1]
    if target in chains:
        found["verdict"] = "goto" if words[0] == "-g" else "jump"
        return []
    found["verdict"] = _VERDICTS.get(target, "")
    options = dict(zip(words[2:], words[3:]))  # whatever follows a word; only options are looked up
    try:
        ip, ports = split_destination(options.get("--to-destination", options.get("--to", "")))
        ip = options.get("--on-ip", ip)
        if "--to-ports" in options or "--on-port" in options:
            ports = port_range(options.get("--to-ports", options.get("--on-port", "")), "-")
        found["to_ip"] = canonical(ip) if ip and ip != "0.0.0.0" else ""
    except ValueError:
        found["opaque"] = True
        return words
    found["to_first"], found["to_last"] = ports
    return []


def split_destination(text: str) -> t.Tuple[str, t.Tuple[int, int]]:
    """`10.0.0.1:80`, `10.0.0.1-10.0.0.9:80-90/80`, `[fd00::1]:80`, `fd00::1`, `:80`: the first address, and the ports.

    Raises ValueError.
    """
    if text.startswith("["):
        ip, _bracket, ports = text[1:].partition("]")
        ports = ports[1:]
    elif text.count(":") > 1:
        ip, ports = text, ""
    else:
        ip, _colon, ports = text.partition(":")
    ip = ip.partition("-")[0].partition("/")[0]
    return ip, port_range(ports.partition("/")[0], "-") if ports else (0, 0)


def _destination(found: _Found, value: str, negated: bool) -> bool:
    ip, _slash, prefix = value.partition("/")
    if negated:
        found["spares_loopback"] = found.get("spares_loopback", False) or value in _LOOPBACK
    if negated or "ips" in found or prefix not in ("", "32", "128"):
        return False
    try:
        found["ips"] = (canonical(ip),)
    except ValueError:
        return False
    return True


def _in_interface(found: _Found, value: str, negated: bool) -> bool:
    found["not_in_interface" if negated else "in_interface"] = value
    found["interfaces"] = (*found.get("interfaces", ()), value)
    return True


def _out_interface(found: _Found, value: str, negated: bool) -> bool:
    found["interfaces"] = (*found.get("interfaces", ()), value)
    return False


def _protocol(found: _Found, value: str, negated: bool) -> bool:
    if not negated:
        found["protocol"] = PROTOCOL_NUMBERS.get(value, value)
    return not negated


def _ports(found: _Found, value: str, negated: bool) -> bool:
    if "ports" in found:
        return False
    try:
        ports: Ports = tuple(port_range(part, ":") for part in value.split(","))
    except ValueError:
        return False
    found["ports"] = all_but(ports) if negated else ports
    return True


def _address_type(found: _Found, value: str, negated: bool) -> bool:
    found["local"] = found.get("local", False) or (value == "LOCAL" and not negated)
    return value == "LOCAL" and not negated


def _state(found: _Found, value: str, negated: bool) -> bool:
    """Whoever connects sends a packet of state NEW first, so this spares nobody."""
    return "NEW" in value.split(",") and not negated


def _nothing(found: _Found, value: str, negated: bool) -> bool:
    return True


# What reads an option's one value, and says whether the rule's fields now hold all that it matches on.
_READERS: t.Dict[str, t.Callable[[_Found, str, bool], bool]] = {
    "-m": _nothing,
    "-d": _destination,
    "-i": _in_interface,
    "-o": _out_interface,
    "-p": _protocol,
    "--dport": _ports,
    "--dports": _ports,
    "--ports": _ports,
    "--ctorigdstport": _ports,
    "--ctorigdst": _destination,
    "--dst-type": _address_type,
    "--ctstate": _state,
    "--state": _state,
    "--comment": _nothing,
}
