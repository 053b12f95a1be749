# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Which command removes one very rule. Source: iptables(8), -D; nft(8), delete rule."""

from __future__ import annotations

import shlex
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import NatRule

_PROGRAMS = {"ip": "iptables", "ip6": "ip6tables"}


class NotRemoved(ValueError):
    """The program that should have removed a rule said no."""


class Place(t.NamedTuple):
    """A rule by where it is and what it says."""

    backend: str
    family: str
    table: str
    chain: str
    text: str

    def __str__(self) -> str:
        return f"{self.backend} {self.family} {self.table} {self.chain}: {self.text}"


def place_of(rule: NatRule) -> Place:
    return Place(rule.backend, rule.family, rule.table, rule.chain, rule.text)


def deletion(rule: NatRule) -> t.List[str]:
    """iptables removes the first rule of that text; nft the one with that handle, which is never given again."""
    if rule.backend == "nft":
        return ["nft", "delete", "rule", rule.family, rule.table, rule.chain, "handle", str(rule.handle)]
    program = f"{_PROGRAMS[rule.family]}{rule.backend[len('iptables') :]}"
    words = shlex.split(rule.text)
    return [program, "--wait", "10", "-t", rule.table, "-D", *words[1:]]


def named(rule: NatRule) -> t.Dict[str, str]:
    """A diff."""
    where = f"{rule.backend} {rule.family} {rule.table} {rule.chain}"
    return {"before_header": where, "after_header": where, "before": f"{rule.text}\n", "after": ""}
