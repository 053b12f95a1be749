# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Which variant of iptables is to be used, and what that takes."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._backend.alternatives import VARIANTS, Choice
from ansible_collections.dockmaster.ports.plugins.module_utils._backend.leftovers import Leftovers
from ansible_collections.dockmaster.ports.plugins.module_utils._backend.state import State

Refusals = t.Mapping[str, str]  # by variant: what the kernel does not take; "" if it takes all


_BLOCKED = (
    "in {0}, FORWARD has the policy DROP and rules of another firewall: without the engine's own rules there, "
    "published ports would be dropped; use {0} for the engine too, or move that firewall to {1}"
)


class Refused(ValueError):
    """The wished variant cannot be used here."""


@dataclass(frozen=True)
class Plan:
    """variant: that is to be used. choose: alternatives that change. restart: the engine has rules in the other one.

    sweep: what it leaves there.
    """

    variant: str
    choose: t.Tuple[Choice, ...]
    restart: bool
    sweep: t.Tuple[Leftovers, ...]

    @property
    def changed(self) -> bool:
        return bool(self.choose or self.restart or any(self.sweep))

    @property
    def removed(self) -> t.List[str]:
        """The rules, with where they are."""
        name = other(self.variant)
        return [f"{name} {one.family} {one.table}: {rule}" for one in self.sweep for rule in one.rules]

    @property
    def kept(self) -> t.List[str]:
        """Somebody's rules in Docker's chains."""
        name = other(self.variant)
        return [f"{name} {one.family} {one.table}: {rule}" for one in self.sweep for rule in one.kept]


def plan(state: State, wished: str, refusals: Refusals, sweep: bool, may_restart: bool = True) -> Plan:
    """wished: legacy, nft or auto. While the engine still uses the other one, nothing there is left over.

    Raises Refused.
    """
    variant = _chosen(state, wished, refusals)
    choose = tuple(one for one in state.choices if one.variant != variant)
    lacking = [one.program for one in choose if variant not in one.paths]
    if lacking:
        raise Refused(f"the {variant} variant of {', '.join(lacking)} is not installed")
    restart = state.engine is not None and (bool(choose) or not state.settled(variant))
    may_sweep = sweep and state.engine is not None and (may_restart or not restart)
    left = state.left(other(variant)) if may_sweep else ()
    if any(one.blocks for one in left):
        raise Refused(_BLOCKED.format(other(variant), variant))
    return Plan(variant, choose, restart, left)


def other(variant: str) -> str:
    return "nft" if variant == "legacy" else "legacy"


def _chosen(state: State, wished: str, refusals: Refusals) -> str:
    """auto: the one that is used now, if the kernel takes it: other programs of this host use it too.

    But not one beside which another firewall drops what is forwarded: the engine has to be where that is.
    """
    if wished != "auto":
        if refusals[wished]:
            raise Refused(f"this kernel does not take what {wished} needs: {refusals[wished]}")
        return wished
    order = [state.variant, *VARIANTS] if state.variant else list(VARIANTS)
    usable = [one for one in order if not refusals[one]]
    if not usable:
        raise Refused("; ".join(f"{one}: {refusals[one]}" for one in VARIANTS))
    return next((one for one in usable if not any(left.blocks for left in state.left(other(one)))), usable[0])


def describe(todo: Plan) -> t.List[t.Dict[str, str]]:
    """A diff: the alternatives, and the rules that go."""
    parts = []
    for one in todo.choose:
        header = f"alternative {one.program}"
        after = f"{one.program} is {one.paths[todo.variant]} (chosen by hand)\n"
        parts.append({"before_header": header, "after_header": header, "before": f"{one}\n", "after": after})
    for left in todo.sweep:
        if left:
            header = f"{other(todo.variant)} {left.family} {left.table}"
            lines = [
                *left.rules,
                *(f"-N {chain}" for chain in left.chains),
                *(["-P FORWARD DROP"] if left.policy else []),
            ]
            before = "".join(f"{line}\n" for line in lines)
            parts.append({"before_header": header, "after_header": header, "before": before, "after": ""})
    return parts
