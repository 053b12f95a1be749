# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""How the policy of a host stands: what differs from it, what keeps it from lasting, who may reach what by it."""

from __future__ import annotations

import collections
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import (
    files,
    firewall,
    reach,
    saved,
    store,
    tables,
    trial,
    units,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.firewall import Plan, Seen
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.policy import Policy
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.published import Published
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.reach import Reach
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.view import View

NFTABLES = "nftables"


@dataclass(frozen=True)
class Place:
    """tool: iptables-nft, ip6tables-legacy, ...; nftables. state: present, drifted, jump_missing, or left: to go.

    open_at: where packets pass without meeting the policy. lacking, foreign: rules that should be there, and that
    should not; none where only their order differs, or where nft tells them in words of its own.
    """

    tool: str
    state: str
    open_at: t.Tuple[str, ...] = ()
    lacking: t.Tuple[str, ...] = ()
    foreign: t.Tuple[str, ...] = ()


@dataclass(frozen=True)
class Standing:
    """policy: the one in force; None: none. state: as `firewall.state_of`. troubles: what keeps it from lasting."""

    policy: t.Optional[Policy]
    state: str
    backend: str
    trial: bool
    places: t.Tuple[Place, ...]
    troubles: t.Tuple[str, ...]
    reach: t.Tuple[Reach, ...]


def of(view: View) -> Standing:
    """Nothing is changed. Raises FirewallError, and whatever the view raises."""
    policy, kept = store.in_force(view), store.kept(view)
    seen = firewall.look(view)
    todo = firewall.plan(seen, policy)
    places = tuple(_places(seen, todo, policy))
    return Standing(
        policy=policy,
        state=firewall.state_of(seen, policy, bool(todo.steps)),
        backend=seen.backend,
        trial=policy is not None and policy != kept,
        places=places,
        troubles=tuple(_troubles(view, seen)) if kept else (),
        reach=tuple(_reach(policy, places, seen.around.current)),
    )


def _places(seen: Seen, todo: Plan, policy: t.Optional[Policy]) -> t.Iterator[Place]:
    """The tools that hold rules of ours, or should."""
    for tool, (before, after) in todo.shown.items():
        belongs = policy is not None and seen.by_nft == (tool == NFTABLES)
        program = tool.rpartition("-")[0] or "table"
        open_at = tuple(place for place in seen.open_at if program in place.split()) if belongs else ()
        if not belongs:
            state = "left"
        elif open_at:
            state = "jump_missing"
        else:
            state = "present" if before == after else "drifted"
        differing = (_beyond(after, before), _beyond(before, after)) if tool != NFTABLES else ((), ())
        yield Place(tool, state, open_at, *differing)
    for one in seen.reading.strays if seen.reading else ():
        yield Place(f"{tables.PROGRAMS[one.family]}-{one.variant}", "left")


def _beyond(one: str, other: str) -> t.Tuple[str, ...]:
    """The lines that only one of them has, however a tool orders a rule's options."""
    there = collections.Counter(_key(line) for line in other.splitlines())
    found = []
    for line in one.splitlines():
        if there[_key(line)]:
            there[_key(line)] -= 1
        else:
            found.append(line)
    return tuple(found)


def _key(line: str) -> t.Hashable:
    """A member of a set is an address with a prefix or, as ipset prints it, without."""
    if line.startswith("add "):
        return line[: -len("/32")] if line.endswith("/32") else line[: -len("/128")] if line.endswith("/128") else line
    return tuple(saved.options(line))


def _troubles(view: View, seen: Seen) -> t.Iterator[str]:
    """What a policy that is kept needs, and this host lacks."""
    if seen.engine.refusal:
        yield "the engine runs with iptables: false"
    if not view.exists(files.PROGRAM):
        yield f"{files.PROGRAM} is missing"
    if trial.booted(view):
        yield from units.troubles(view)


def _reach(
    policy: t.Optional[Policy], places: t.Sequence[Place], published: t.Iterable[Published]
) -> t.Iterator[Reach]:
    """Of a family whose rules differ nobody can say. Where packets pass by, everybody gets in."""
    states = {family: one.state for one in places for family in _families(one.tool) if one.state != "left"}
    for family, state in states.items():
        if policy and state != "drifted":
            ports = [one for one in published if one.family == family]
            yield from reach.reachable(policy if state == "present" else None, ports)


def _families(tool: str) -> t.Tuple[int, ...]:
    if tool == NFTABLES:
        return (4, 6)
    return (6,) if tool.startswith("ip6") else (4,)
