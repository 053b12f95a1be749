# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What `nft -j list ruleset` prints.

Source: libnftables-json(5), schema version 1; nft 1.0.6 and 1.1.7 on the rules of engine 29, netavark and kube-proxy.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._probes import nft_rule
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rule_tree import Chain, Rule, RulesError, Table

FAMILIES = ("ip", "ip6", "inet")  # bridge, arp and netdev rules see frames, not what is sent to this host's ports

# What comes of data that has another form; a generator turns StopIteration into RuntimeError.
_FORM = (ValueError, LookupError, TypeError, AttributeError, RuntimeError, StopIteration)
_Key = t.Tuple[str, str]
_Known = t.Callable[[str, str, str, int], bool]


def parse(text: str, known: _Known = lambda family, table, chain, size: False) -> t.Tuple[Table, ...]:
    """The tables of a ruleset. Raises RulesError for text that is none.

    known: whether somebody else tells a chain of that size better; its rules are left out.
    """
    try:
        objects = json.loads(text)["nftables"]
        return _tables([next(iter(one.items())) for one in objects], known)
    except _FORM as exc:
        raise RulesError(f"{text[:60]!r} is no ruleset of nft: {type(exc).__name__} {str(exc)[:80]}") from exc


def _tables(objects: t.List[t.Tuple[str, t.Any]], known: _Known) -> t.Tuple[Table, ...]:
    mine = [(kind, one) for kind, one in objects if kind != "metainfo" and one["family"] in FAMILIES]
    tables = {_key(one, "name"): Table("nft", one["family"], one["name"], {}) for kind, one in mine if kind == "table"}
    sets = {(_key(one, "table"), one["name"]): one.get("elem", []) for kind, one in mine if kind in ("set", "map")}
    rules: t.Dict[t.Tuple[_Key, str], t.List[t.Any]] = {}
    for kind, one in mine:
        if kind == "rule":
            rules.setdefault((_key(one, "table"), one["chain"]), []).append(one)
    for kind, one in mine:
        if kind == "chain":
            key = _key(one, "table")
            own = rules.get((key, one["name"]), [])
            own_sets = {name: elements for (table, name), elements in sets.items() if table == key}
            left = [] if known(*key, one["name"], len(own)) else own
            tables[key].chains[one["name"]] = _chain(one, left, own_sets)._replace(size=len(own))
    return tuple(tables.values())


def _key(one: t.Mapping[str, t.Any], name: str) -> _Key:
    return one["family"], one[name]


def _chain(one: t.Mapping[str, t.Any], rules: t.List[t.Any], sets: t.Dict[str, t.List[t.Any]]) -> Chain:
    branches: t.List[Rule] = []
    for position, rule in enumerate(rules, 1):
        try:
            branches += list(nft_rule.branches(rule, position, sets))
        except _FORM:  # one rule of a form that is not known here does not hide the others
            branches.append(_unknown(rule, position))
    return Chain(one["name"], one.get("hook", ""), one.get("policy", "").upper(), tuple(branches), len(rules))


def _unknown(rule: t.Mapping[str, t.Any], position: int) -> Rule:
    text = json.dumps(rule["expr"], sort_keys=True)
    return Rule(text, position, condition=text, handle=rule.get("handle"), opaque=True)
