# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What iptables-save and ip6tables-save print, of either backend.

Source: iptables-save(8); iptables 1.8.9 to 1.8.13, and what they print for the rules of engines 20.10 to 29.
A comment may hold a newline: the rule then spans lines.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._probes import iptables_rule
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.iptables_words import is_open, words_of
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rule_tree import Chain, Rule, RulesError, Table

_INCOMPATIBLE = re.compile(r"^# Table `(\w+)' (?:is|contains) incompatible", re.MULTILINE)
_COUNTERS = re.compile(r"\[\d+:\d+\] ")


def parse(text: str, backend: str, family: str) -> t.Tuple[Table, ...]:
    """The tables of a dump. Raises RulesError for text that is none, or that ends too early."""
    tables: t.List[Table] = []
    reading: t.Optional[_Reading] = None
    for line in _lines(text):
        if not line or line[0] == "#":
            continue
        if line[0] == "*":
            reading = _Reading(Table(backend, family, line[1:].strip(), {}))
        elif reading is None:
            raise RulesError(f"{line[:60]!r} stands outside any table")
        elif line.strip() == "COMMIT":
            tables.append(reading.table())
            reading = None
        else:
            reading.take(line)
    if reading is not None:
        raise RulesError(f"table {reading.name} ends without COMMIT")
    return tuple(tables)


def incompatible(text: str) -> t.Tuple[str, ...]:
    """The tables that iptables-nft-save says it does not show wholly: somebody wrote into them with nft."""
    return tuple(_INCOMPATIBLE.findall(text))


def _lines(text: str) -> t.Iterator[str]:
    """Lines; those that a quoted newline parts are one."""
    held: t.List[str] = []
    for line in text.split("\n"):
        odd = '"' in line and is_open(line)
        if held:
            held.append(line)
            if odd:
                yield "\n".join(held)
                held = []
        elif odd and line[0] != "#":
            held = [line]
        else:
            yield line
    if held:
        raise RulesError(f"{held[0][:60]!r} has a quote that is not closed")


class _Reading:
    """A table as it is read: chains are declared before the first rule."""

    def __init__(self, table: Table) -> None:
        self.name = table.name
        self._table = table
        self._policies: t.Dict[str, str] = {}
        self._rules: t.Dict[str, t.List[Rule]] = {}

    def take(self, line: str) -> None:
        if line[0] == ":":
            self._declare(line)
            return
        line = _COUNTERS.sub("", line, 1) if line[0] == "[" else line
        words = words_of(line)
        if len(words) < 2 or words[0] != "-A":
            raise RulesError(f"{line[:60]!r} is no rule: expected -A CHAIN ...")
        rules = self._rules.setdefault(words[1], [])
        rules.append(iptables_rule.read(line, words, len(rules) + 1, self._policies))

    def _declare(self, line: str) -> None:
        words = line[1:].split()
        if len(words) < 2:
            raise RulesError(f"{line[:60]!r} is no chain: expected :NAME POLICY [PACKETS:BYTES]")
        self._policies[words[0]] = words[1]
        self._rules.setdefault(words[0], [])

    def table(self) -> Table:
        for name, rules in self._rules.items():
            policy = self._policies.get(name, "-")
            built_in = policy != "-"
            hook = name.lower() if built_in else ""
            self._table.chains[name] = Chain(name, hook, policy if built_in else "", tuple(rules), len(rules))
        return self._table
