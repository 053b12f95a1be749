# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""One rule of nft's JSON, as branches: a verdict map or an address map decides differently an element.

What is not known here is never dropped: it becomes part of the branch's `condition`, as nft would print it.
Source: libnftables-json(5).
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import canonical
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import nft_match, nft_text
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.nft_match import Branch, Sets, elements_of
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rule_tree import Rule

_PLAIN_VERDICTS = {"accept": "accept", "drop": "drop", "reject": "drop", "return": "return"}
# Statements that decide nothing and spare nobody.
_SILENT = ("counter", "log", "comment", "mangle", "notrack", "ct helper", "set", "map", "flow", "dup", "secmark")
_XT_TARGETS = {"DNAT": "dnat", "REDIRECT": "redirect", "TPROXY": "redirect", "NETMAP": "dnat"}
_DECIDED = ("accept", "drop", "return", "dnat", "redirect", "jump", "goto")


def branches(rule: t.Mapping[str, t.Any], position: int, sets: Sets) -> t.Iterator[Rule]:
    """A rule's branches, each with one protocol. sets: elements of the table's named sets and maps, by name."""
    text = nft_text.rule(rule)
    open_branches = [Branch()]
    for expression in rule["expr"]:
        kind, body = _named(expression)
        open_branches = [after for one in open_branches for after in _step(one, kind, body, sets)]
    for branch in open_branches:
        fields = {**branch.fields, "condition": " ".join(branch.conditions)}
        for protocol in branch.protocols or ("",):
            yield Rule(text, position, protocol=protocol, handle=rule.get("handle"), **fields)


def _named(expression: t.Mapping[str, t.Any]) -> t.Tuple[str, t.Any]:
    """The one name of an expression, and what it stands before."""
    return next(iter(expression.items()))


def _step(branch: Branch, kind: str, body: t.Any, sets: Sets) -> t.List[Branch]:
    """What a branch becomes by one expression: itself, or one an element of a map."""
    if branch.fields.get("verdict") in _DECIDED:  # tproxy ... accept
        return [branch]
    if kind == "match":
        return nft_match.match(branch, body, sets)
    if kind == "vmap":
        return _map(branch, body, sets, lambda one, value: _verdict(one, *_named(value)))
    if kind in ("dnat", "redirect", "tproxy"):
        return _translate(branch, kind, body or {}, sets)
    if kind == "xt":
        return [_extension(branch, body or {})]
    return [_verdict(branch, kind, body)]


def _verdict(branch: Branch, kind: str, body: t.Any) -> Branch:
    if kind in _PLAIN_VERDICTS:
        return branch.having(verdict=_PLAIN_VERDICTS[kind], target=kind)
    if kind in ("jump", "goto"):
        return branch.having(verdict=kind, target=body["target"])
    if kind in _SILENT:
        return branch
    if kind in ("masquerade", "snat", "queue", "continue", "fwd", "synproxy"):
        return branch.having(target=kind)
    return branch.only(nft_text.expression(kind, body))


def _extension(branch: Branch, body: t.Mapping[str, t.Any]) -> Branch:
    """An extension of iptables: nft tells its name at most."""
    name = str(body.get("name", ""))
    opaque = branch.having(opaque=True)
    if body.get("type") == "target":
        verdict = _XT_TARGETS.get(name, "")
        return opaque.having(verdict=verdict, target=name) if verdict or name else opaque
    if name == "comment":
        return branch
    return opaque.only(nft_text.expression("xt", body))


def _map(
    branch: Branch, body: t.Mapping[str, t.Any], sets: Sets, then: t.Callable[[Branch, t.Any], Branch]
) -> t.List[Branch]:
    """One branch an element of a map; a key that is drawn, not read off the packet, narrows nothing."""
    key = body["key"]
    elements = elements_of(body["data"], sets)
    if next(iter(key)) in ("numgen", "jhash", "symhash"):
        return [then(branch, value) for _key, value in elements]
    return [then(nft_match.equal(branch, key, one), value) for one, value in elements]


def _translate(branch: Branch, kind: str, body: t.Mapping[str, t.Any], sets: Sets) -> t.List[Branch]:
    branch = branch.having(verdict="dnat" if kind == "dnat" else "redirect", target=kind)
    if body.get("family"):
        branch = branch.having(family=body["family"])
    address, port = body.get("addr"), body.get("port")
    if isinstance(address, dict) and "map" in address:
        mapped = _map(branch, address["map"], sets, lambda one, value: _to(one, value, port))
        spread = next(iter(address["map"]["key"])) in ("numgen", "jhash", "symhash")
        return mapped[:1] if spread else mapped
    if isinstance(port, dict) and "map" in port:
        return _map(branch, port["map"], sets, lambda one, value: _to(one, address, value))
    return [_to(branch, address, port)]


def _to(branch: Branch, address: t.Any, port: t.Any) -> Branch:
    """Where it sends to: the first address and the range of ports."""
    if isinstance(address, dict) and "concat" in address:
        address, port = (*address["concat"], None)[:2]
    try:
        if isinstance(address, dict):
            address = address["prefix"]["addr"] if "prefix" in address else address["range"][0]
        first, last = port["range"] if isinstance(port, dict) else (port or 0, port or 0)
        ip = canonical(address) if address else ""
        return branch.having(to_ip=ip, to_first=int(first), to_last=int(last))
    except (LookupError, TypeError, ValueError):
        return branch.having(opaque=True)
