# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The host's firewall as a whole: what is there, what a policy wants, and the way between, in the engine's backend.

A policy lives in one backend only; where the engine has changed its own, the policy moves with it.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import (
    bridges,
    engine,
    iptables,
    known,
    memory,
    nft,
    placement,
    published,
    saved,
    surroundings,
    tables,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.bridges import Remembered
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.chains import Sets
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.engine import Engine
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.known import Known
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.policy import Policy
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.published import Published
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.surroundings import Surroundings
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.system import FirewallError, Step, System
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.tables import Reading
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.view import View

ATTEMPTS = 3  # somebody else may change the rules between a look and its transactions


@dataclass(frozen=True)
class Seen:
    """What is there. reading: None on a host without iptables. sets: our ipsets, None where this host can keep none.

    table: our nftables table, as it was loaded or, if somebody changed it, as it is listed; None where there is none.
    known: the ports that are published, and that were so until lately. bridges: the engine's with names of their own.
    """

    engine: Engine
    around: Surroundings
    reading: t.Optional[Reading] = None
    sets: t.Optional[Sets] = None
    table: t.Optional[str] = None
    known: Known = field(default_factory=dict)
    bridges: Remembered = field(default_factory=dict)

    @property
    def by_nft(self) -> bool:
        """Whether the engine's backend is nftables."""
        return self.engine.backend == engine.NFTABLES

    @property
    def backend(self) -> str:
        """nftables, iptables-nft or iptables-legacy."""
        return engine.NFTABLES if self.by_nft or not self.reading else f"{engine.IPTABLES}-{self.reading.variant}"

    @property
    def laid_out(self) -> bool:
        """Whether anything of ours is there."""
        found = [*self.reading.rules.values(), *self.reading.strays] if self.reading else []
        return self.table is not None or any(one.ours for one in found)

    @property
    def open_at(self) -> t.List[str]:
        """Where packets pass that do not meet our chains: "FORWARD of ip6tables", ...."""
        if self.by_nft:
            return [] if self.table is not None else [f"table {nft.TABLE}"]
        rules = self.reading.rules if self.reading else {}
        return [
            f"{place[0]} of {tables.PROGRAMS[family]}"
            for family, one in sorted(rules.items())
            for place in placement.PLACES
            if place not in placement.held(one.filter)
        ]


@dataclass(frozen=True)
class Plan:
    """steps: commands that make the rules as wanted. shown: our rules before and after, by the tool that has them."""

    steps: t.Tuple[Step, ...] = ()
    shown: t.Dict[str, t.Tuple[str, str]] = field(default_factory=dict)


def look(system: View) -> Seen:
    """The rules, and what they are laid out around. Raises FirewallError."""
    before = known.load(system)
    listened = system.listened() if before else set()
    processes = system.processes(engine.DAEMON, engine.PROXY)
    daemon = engine.find(system, processes)
    found = [one for one in (published.of_proxy(process.command_line) for process in processes) if one]
    by_nft = daemon.backend == engine.NFTABLES
    reading = _of_iptables(system, by_nft)
    named: t.Set[str] = set()
    for rules in reading.rules.values() if reading else ():
        named |= saved.bridges(rules.tables)
        found += published.of_rules(rules.family, rules.tables)
    if by_nft:
        named |= _engines_tables(system, found)
    ports = known.carry_on(before, found, listened, system.now())
    links = system.links()
    remembered = bridges.carry_on(bridges.load(system), named, links, system.now())
    around = surroundings.of(links, remembered, published.merge([*found, *known.absent(ports)]))
    table = memory.table(system) if by_nft or memory.exists(system) else None
    return Seen(daemon, around, reading, iptables.read_sets(system), table, ports, remembered)


def _of_iptables(system: View, by_nft: bool) -> t.Optional[Reading]:
    """None where the engine does without, and iptables is not there or cannot show its tables, with none of ours."""
    if by_nft and not system.which("iptables"):
        return None
    try:
        return tables.read(system)
    except tables.NotItsOwnError:
        if not by_nft or tables.nft_shows_ours(system):
            raise
        return None


def _engines_tables(system: View, found: t.List[Published]) -> t.Set[str]:
    """The engine's bridges; what its nftables tables publish is added to `found`."""
    named: t.Set[str] = set()
    for family, table in nft.ENGINES.items():
        listing = system.run("nft", "list", "table", *table.split()).out
        named |= nft.bridges(listing)
        found += nft.published(family, listing)
    return named


def plan(seen: Seen, policy: t.Optional[Policy]) -> Plan:
    """What is missing to the policy; with None, what is to go."""
    steps: t.List[Step] = []
    shown: iptables.Shown = {}
    if seen.reading:
        steps, shown = iptables.plan(seen.reading, seen.sets, seen.around, None if seen.by_nft else policy)
    wanted = nft.table(policy, seen.around) if policy and seen.by_nft else ""
    if (seen.table or "") != wanted:
        steps.append(Step(("nft", "-f", "-"), nft.GONE + wanted))
    if seen.table or wanted:
        shown["nftables"] = (seen.table or "", wanted)
    return Plan(tuple(steps), {tool: texts for tool, texts in shown.items() if any(texts)})


def carry_out(system: System, todo: Plan) -> None:
    """Raises FirewallError; then what had to change is as it was, or one family is (see Plan)."""
    if not todo.steps:
        return
    done = system.together(todo.steps)
    memory.keep(system, todo.shown.get("nftables", ("", ""))[1])
    if done.rc != 0:
        raise FirewallError(f"the rules could not be changed: {done.err.strip() or f'exit status {done.rc}'}")


def settle(system: System, policy: t.Optional[Policy], seen: t.Optional[Seen] = None) -> bool:
    """Make the rules the policy's, and look again until they are. Returns whether any changed.

    Raises FirewallError; OSError where what was seen cannot be remembered (a full disk): the rules are made by then.
    """
    changed = False
    for attempt in range(ATTEMPTS + 1):
        now = seen or look(system)
        todo = plan(now, policy)
        seen = None
        trouble = _remember(system, now) if policy else None
        if not todo.steps and trouble:
            raise trouble
        if not todo.steps:
            return changed
        if attempt == ATTEMPTS:
            break
        try:
            carry_out(system, todo)
        except FirewallError:
            if attempt == ATTEMPTS - 1:
                raise
        changed = True
    raise FirewallError(
        f"the rules do not stay as they are made ({todo.steps[0].argv[0]}): somebody else changes them at the same time"
    )


def _remember(system: System, seen: Seen) -> t.Optional[OSError]:
    """Keep what was seen. Returns what is in the way of that: it must not be in the way of the rules."""
    try:
        known.save(system, seen.known)
        bridges.save(system, seen.bridges)
    except OSError as exc:
        return exc
    return None


def state_of(seen: Seen, policy: t.Optional[Policy], differs: bool) -> str:
    """One word: absent, present, drifted (rules differ), jump_missing (packets pass by), left (no policy)."""
    if policy is None:
        return "left" if seen.laid_out else "absent"
    if seen.open_at:
        return "jump_missing"
    return "drifted" if differs else "present"
