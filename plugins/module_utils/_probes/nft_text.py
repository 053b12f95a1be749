# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A rule of nft's JSON in the words of nft, for people, and to know the very same rule again.

Counters are named without their numbers, which change with every packet. What is not known here stays JSON.
Source: nft(8).
"""

from __future__ import annotations

import json
import typing as t

_UNQUALIFIED = ("iif", "oif", "iifname", "oifname", "iifgroup", "oifgroup", "skuid", "skgid")
_NAMES = ("iif", "oif", "iifname", "oifname")
_WORDS = ("accept", "drop", "return", "continue", "masquerade", "notrack", "reject", "counter", "log")


def rule(one: t.Mapping[str, t.Any]) -> str:
    """A rule's expressions and its comment."""
    words = [expression(*next(iter(part.items()))) for part in one["expr"]]
    return " ".join([*words, f'comment "{one["comment"]}"'] if one.get("comment") else words)


def expression(kind: str, body: t.Any) -> str:
    """One expression or statement."""
    try:
        if kind in _WRITERS:
            return _WRITERS[kind](body)
        if kind in ("jump", "goto"):
            return f"{kind} {body['target']}"
        if kind in _WORDS:
            return kind
    except (LookupError, TypeError, AttributeError, ValueError, StopIteration):
        pass  # a form that a newer nft has: as JSON then, below
    return json.dumps({kind: body}, sort_keys=True)


def _match(body: t.Any) -> str:
    operator = "" if body["op"] in ("==", "in") else body["op"] + " "
    quoted = "meta" in body["left"] and body["left"]["meta"]["key"] in _NAMES
    return f"{_key(body['left'])} {operator}{_value(body['right'], quoted)}"


def _key(left: t.Any) -> str:
    """What a match looks at: `tcp dport`, `iifname`, `ip daddr . tcp dport`."""
    kind, body = next(iter(left.items()))
    if kind == "payload":
        return f"{body['protocol']} {body['field']}"
    if kind == "meta":
        return str(body["key"]) if body["key"] in _UNQUALIFIED else f"meta {body['key']}"
    if kind == "ct":
        return " ".join(["ct", *([body["dir"]] if "dir" in body else []), body["key"]])
    if kind == "fib":
        return f"fib {' . '.join(body['flags'])} {body['result']}"
    if kind == "concat":
        return " . ".join(_key(part) for part in body)
    if kind == "numgen":
        return f"numgen {body['mode']} mod {body['mod']}"
    return json.dumps(left, sort_keys=True)


def _value(right: t.Any, quoted: bool = False) -> str:
    if isinstance(right, list):
        return ",".join(_value(one, quoted) for one in right)
    if not isinstance(right, dict):
        return f'"{right}"' if quoted and not str(right).startswith("@") else str(right)
    kind, body = next(iter(right.items()))
    if kind == "set":
        return "{ " + ", ".join(_element(one, quoted) for one in (body if isinstance(body, list) else [body])) + " }"
    if kind == "elem":
        return _value(body["val"], quoted)
    return _VALUES[kind](body) if kind in _VALUES else expression(kind, body)


def _element(one: t.Any, quoted: bool) -> str:
    return f"{_value(one[0], quoted)} : {_value(one[1])}" if isinstance(one, list) else _value(one, quoted)


def _translation(kind: str) -> t.Callable[[t.Any], str]:
    def write(body: t.Any) -> str:
        body = body or {}
        words = [kind, *([body["family"]] if "family" in body else [])]
        address = _value(body["addr"]) if "addr" in body else ""
        if "port" in body:
            address = (f"[{address}]" if ":" in address else address) + f":{_value(body['port'])}"
        flags = body.get("flags", [])
        return " ".join([*words, *(["to", address] if address else []), *([_value(flags)] if flags else [])])

    return write


_VALUES: t.Dict[str, t.Callable[[t.Any], str]] = {
    "prefix": lambda body: f"{body['addr']}/{body['len']}",
    "range": lambda body: f"{_value(body[0])}-{_value(body[1])}",
    "concat": lambda body: " . ".join(_value(part) for part in body),
    "map": lambda body: f"{_key(body['key'])} map {_value(body['data'])}",
}
_WRITERS: t.Dict[str, t.Callable[[t.Any], str]] = {
    "match": _match,
    "vmap": lambda body: f"{_key(body['key'])} vmap {_value(body['data'])}",
    "dnat": _translation("dnat"),
    "redirect": _translation("redirect"),
    "tproxy": _translation("tproxy"),
    "mangle": lambda body: f"{_key(body['key'])} set {_value(body['value'])}",
    "limit": lambda body: f"limit rate {'over ' if body.get('inv') else ''}{body['rate']}/{body['per']}",
    "xt": lambda body: f"xt {body['type']} {body['name']}",
}
