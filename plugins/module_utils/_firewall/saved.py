# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What iptables-save printed, as tables of chains of rules. Order is kept, and every rule is its own text."""

from __future__ import annotations

import re
import typing as t

Chains = t.Dict[str, t.List[str]]
Tables = t.Dict[str, Chains]

_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')
_ESCAPED = re.compile(r"\\(.)")
# What an engine writes for each of its bridges, in its own chains; somebody else's rule in them names no bridge.
# Source: recordings of engines 20.10 to 29; moby, daemon/libnetwork/drivers/bridge/internal/iptabler.
_BRIDGE_RULES = {
    "FORWARD": r"-o (\S+) -j DOCKER",  # up to 28.0.0
    "DOCKER-BRIDGE": r"-o (\S+) -j DOCKER",
    "DOCKER-CT": r"-o (\S+) -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    "DOCKER-FORWARD": r"-i (\S+)(?: (?:! )?-o \1)? -j (?:ACCEPT|DROP)",
    "DOCKER-INTERNAL": r"! -[sd] \S+ -[io] (\S+) -j DROP",
    "DOCKER-ISOLATION-STAGE-1": r"(?:-i (\S+) ! -o \1 -j DOCKER-ISOLATION-STAGE-2|! -[sd] \S+ -[io] (\S+) -j DROP)",
}
_BRIDGE_RULE = {chain: re.compile(rule + r"\Z") for chain, rule in _BRIDGE_RULES.items()}

_TURNING = re.compile(r"(?:-d \S+ )?! -i (\S+) .*-j DNAT .*")  # in table nat, which a flush of table filter leaves


class SavedError(ValueError):
    """A listing that is not whole. The message says where."""


def parse(text: str) -> Tables:
    """Rules without their `-A CHAIN `, by table and chain. Raises SavedError."""
    tables: Tables = {}
    chains: t.Optional[Chains] = None
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line[0] == "#":
            continue
        if line[0] == "*":
            chains = tables.setdefault(line[1:].strip(), {})
        elif chains is not None and line[0] == ":":
            chains[line[1:].split(" ", 1)[0]] = []
        elif chains is not None and line.startswith("-A "):
            _append, chain, rule = (line + " ").split(" ", 2)
            chains.setdefault(chain, []).append(rule.strip())
        elif line != "COMMIT":
            raise SavedError(f"line {number} of the rules is not understood: {line[:80]!r}")
    return tables


def policies(text: str, table: str) -> t.Dict[str, str]:
    """The policies of a table's built-in chains: {"FORWARD": "DROP", ...}."""
    found: t.Dict[str, str] = {}
    current = ""
    for line in text.splitlines():
        if line.startswith("*"):
            current = line[1:].strip()
        elif current == table and line.startswith(":"):
            chain, policy = line[1:].split(" ")[:2]
            if policy != "-":
                found[chain] = policy
    return found


def words(rule: str) -> t.List[str]:
    """A rule's words, quotes taken away."""
    if '"' not in rule:
        return rule.split()
    return [_ESCAPED.sub(r"\1", quoted) if quoted else bare for quoted, bare in _WORD.findall(rule)]


def options(rule: str) -> t.List[t.Tuple[str, ...]]:
    """A rule's options with what belongs to each, sorted: two rules with the same ones match the same packets."""
    found: t.List[t.List[str]] = []
    for word in words(rule):
        negates = bool(found) and found[-1] == ["!"]
        if word == "!" or (word.startswith("-") and not negates):
            found.append([word])
        elif found:
            found[-1].append(word)
    return sorted(tuple(option) for option in found)


def jumps(rule: str, chain: str) -> bool:
    """Whether the rule sends everything to that chain, whatever its comment."""
    found = words(rule)
    if "--comment" in found:
        at = found.index("--comment")
        found = found[: at - 2] + found[at + 2 :]
    return found == ["-j", chain]


def bridges(tables: Tables) -> t.Set[str]:
    """Interfaces that the engine's own rules call its bridges."""
    chains = tables.get("filter", {})
    matches = [rule.match(text) for chain, rule in _BRIDGE_RULE.items() for text in chains.get(chain, ())]
    matches += [_TURNING.match(text) for text in tables.get("nat", {}).get("DOCKER", ())]
    return {name for match in matches if match for name in match.groups() if name}
