# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What an expression of nft's JSON matches on.

Source: libnftables-json(5), EXPRESSIONS and match; nft(8).
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import MAX_PORT, canonical
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import nft_text
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rule_tree import (
    PROTOCOL_NUMBERS,
    Ports,
    all_but,
)

Sets = t.Mapping[str, t.List[t.Any]]
_TRANSPORTS = ("tcp", "udp", "sctp", "dccp", "udplite", "th")
_MANY = 64  # addresses; a longer list is a condition, not a record an address
_LOOPBACK = ({"prefix": {"addr": "127.0.0.0", "len": 8}}, "::1")


@dataclass(frozen=True)
class Branch:
    """A rule as far as it is read. protocols: () for any; fields: of rule_tree.Rule; conditions: what else, as text."""

    protocols: t.Tuple[str, ...] = ()
    fields: t.Mapping[str, t.Any] = field(default_factory=dict)
    conditions: t.Tuple[str, ...] = ()

    def having(self, **fields: t.Any) -> Branch:
        return Branch(self.protocols, {**self.fields, **fields}, self.conditions)

    def only(self, condition: str) -> Branch:
        return Branch(self.protocols, self.fields, (*self.conditions, condition))

    def of(self, *protocols: str) -> Branch:
        return Branch(protocols or self.protocols, self.fields, self.conditions)


_Read = t.Tuple[Branch, bool]  # the branch, and whether its fields now hold all that is matched


def match(branch: Branch, body: t.Mapping[str, t.Any], sets: Sets) -> t.List[Branch]:
    """What a match leaves of a branch: one; none, of an empty set; or one an element of a set of combinations."""
    left, operator, right = body["left"], body["op"], body["right"]
    values = [key for key, _value in elements_of(right, sets)]
    if not values and operator in ("==", "in"):
        return []
    if isinstance(left, dict) and "concat" in left and operator in ("==", "in"):
        return [equal(branch, left, one) for one in values]
    return [_apply(branch, left, operator, values, right)]


def equal(branch: Branch, key: t.Any, value: t.Any) -> Branch:
    """A branch whose packets have this value in this field; in combinations, each part."""
    if "concat" in key and isinstance(value, dict) and "concat" in value:
        for part, one in zip(key["concat"], value["concat"]):
            branch = equal(branch, part, one)
        return branch
    return _apply(branch, key, "==", [value], value)


def elements_of(data: t.Any, sets: Sets) -> t.List[t.Tuple[t.Any, t.Any]]:
    """Keys and values of a set or map, named or not; what is neither is its one key."""
    if isinstance(data, str) and data.startswith("@"):
        data = {"set": sets.get(data[1:], [])}
    if not isinstance(data, dict) or "set" not in data:
        return [(data, None)]
    elements = data["set"] if isinstance(data["set"], list) else [data["set"]]
    return [(_bare(one[0]), one[1]) if isinstance(one, list) else (_bare(one), None) for one in elements]


def _bare(element: t.Any) -> t.Any:
    """Without the timeout, counter or comment that an element may have."""
    return element["elem"]["val"] if isinstance(element, dict) and "elem" in element else element


def _apply(branch: Branch, left: t.Any, operator: str, values: t.List[t.Any], right: t.Any) -> Branch:
    """The branch with its fields filled in, and with a condition where they cannot hold all that is matched."""
    kind, body = next(iter(left.items())) if isinstance(left, dict) else ("", left)
    reader = _READERS.get(kind)
    after, whole = reader(branch, body, operator, values) if reader else (branch, False)
    return after if whole else after.only(nft_text.expression("match", {"left": left, "op": operator, "right": right}))


def _payload(branch: Branch, body: t.Any, operator: str, values: t.List[t.Any]) -> _Read:
    protocol, name = body.get("protocol"), body.get("field")
    if protocol in _TRANSPORTS:
        branch = branch if protocol == "th" else branch.of(protocol)
        return _ports(branch, operator, values) if name == "dport" else (branch, False)
    if protocol not in ("ip", "ip6"):
        return branch, False
    branch = branch.having(family=protocol)
    if name == "daddr":
        return _destination(branch, operator, values)
    return _protocols(branch, operator, values) if name in ("protocol", "nexthdr") else (branch, False)


def _meta(branch: Branch, body: t.Any, operator: str, values: t.List[t.Any]) -> _Read:
    key = body["key"]
    if key == "l4proto":
        return _protocols(branch, operator, values)
    if key == "nfproto" and operator == "==" and values in (["ipv4"], ["ipv6"]):
        return branch.having(family="ip" if values == ["ipv4"] else "ip6"), True
    names = [str(one)[:-1] + "+" if str(one).endswith("*") else str(one) for one in values]  # as iptables writes it
    if key in ("iif", "iifname", "oif", "oifname"):
        branch = branch.having(interfaces=(*branch.fields.get("interfaces", ()), *names))
    if key in ("iif", "iifname") and len(names) == 1 and operator in ("==", "!="):
        return branch.having(**{"in_interface" if operator == "==" else "not_in_interface": names[0]}), True
    return branch, False


def _ct(branch: Branch, body: t.Any, operator: str, values: t.List[t.Any]) -> _Read:
    """The original destination is the destination, where packets come in. Whoever connects is NEW first."""
    key, original = body.get("key"), body.get("dir") == "original"
    if key == "proto-dst" and original:
        return _ports(branch, operator, values)
    if key in ("daddr", "ip daddr", "ip6 daddr") and original:
        return _destination(branch, operator, values)
    states = [state for one in values for state in (one if isinstance(one, list) else [one])]
    return branch, key == "state" and operator in ("in", "==") and "new" in states


def _fib(branch: Branch, body: t.Any, operator: str, values: t.List[t.Any]) -> _Read:
    local = body.get("result") == "type" and "daddr" in body.get("flags", ()) and values == ["local"]
    return (branch.having(local=True), True) if local and operator == "==" else (branch, False)


def _protocols(branch: Branch, operator: str, values: t.List[t.Any]) -> _Read:
    names = [PROTOCOL_NUMBERS.get(str(one), str(one)) for one in values if not isinstance(one, dict)]
    whole = operator == "==" and len(names) == len(values)
    return (branch.of(*names), True) if whole else (branch, False)


def _destination(branch: Branch, operator: str, values: t.List[t.Any]) -> _Read:
    if operator == "!=":
        return branch.having(spares_loopback=any(one in _LOOPBACK for one in values)), False
    try:
        addresses = tuple([canonical(one) for one in values if isinstance(one, str)])
    except ValueError:
        return branch, False
    whole = operator == "==" and len(addresses) == len(values) <= _MANY and "ips" not in branch.fields
    return (branch.having(ips=addresses), True) if whole else (branch, False)


def _ports(branch: Branch, operator: str, values: t.List[t.Any]) -> _Read:
    ranges = [tuple(one["range"]) if isinstance(one, dict) and "range" in one else (one, one) for one in values]
    if "ports" in branch.fields or not all(isinstance(end, int) for pair in ranges for end in pair):
        return branch, False
    ports = _by_operator(operator, tuple(ranges))
    return (branch, False) if ports is None else (branch.having(ports=ports), True)


def _by_operator(operator: str, ports: Ports) -> t.Optional[Ports]:
    if operator in ("==", "in"):
        return ports
    if operator == "!=":
        return all_but(ports)
    limit = ports[0][0]
    bounds = {"<": (1, limit - 1), "<=": (1, limit), ">": (limit + 1, MAX_PORT), ">=": (limit, MAX_PORT)}
    return (bounds[operator],) if operator in bounds else None


_READERS: t.Dict[str, t.Callable[[Branch, t.Any, str, t.List[t.Any]], _Read]] = {
    "payload": _payload,
    "meta": _meta,
    "ct": _ct,
    "fib": _fib,
}
