# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""From the rules that are there to those that are wanted: one iptables-restore transaction, or nothing.

Only chains called DOCKMASTER, the jumps to them, and the place of the jump to DOCKER-USER are touched.
Source: iptables-restore(8): with --noflush a chain that is declared is emptied, every other one stays as it is.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import chains as ours
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import saved
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.saved import Chains

USER, FORWARD, INPUT = "DOCKER-USER", "FORWARD", "INPUT"
ENGINES = "DOCKER"  # a chain that only an engine makes: without it, DOCKER-USER is ours

# chain whose first rule has to be a jump -> where to
PLACES = ((USER, ours.ENTRY), (FORWARD, USER), (INPUT, ours.INPUT))


def transaction(there: Chains, wanted: t.Optional[Chains]) -> str:
    """The input for `iptables-restore --noflush` that makes the filter table as wanted; empty if it is.

    there: the filter table's chains. wanted: our chains, None to leave no trace of them.
    If the table changed in between, iptables-restore refuses it as a whole: a chain that is not ours is made with -N,
    and a jump that goes is deleted as it stands.
    """
    lines = _absent(there) if wanted is None else _present(there, wanted)
    return "\n".join(["*filter", *lines, "COMMIT", ""]) if lines else ""


def held(there: Chains) -> t.List[t.Tuple[str, str]]:
    """Of the jumps that have to be first, those that are."""
    return [place for place in PLACES if not _first(there, *place)]


def mine(there: Chains) -> t.Dict[str, t.List[str]]:
    """Our chains, those of other releases among them."""
    return {name: rules for name, rules in there.items() if name == ours.ENTRY or name.startswith(f"{ours.ENTRY}-")}


def _present(there: Chains, wanted: Chains) -> t.List[str]:
    changed = [chain for chain, rules in wanted.items() if not same(there.get(chain), rules)]
    old = [chain for chain in mine(there) if chain not in wanted]
    lines = [f":{chain} - [0:0]" for chain in changed + old]
    lines += [f"-A {chain} {rule}" for chain in changed for rule in wanted[chain]]
    lines += [] if USER in there else [f"-N {USER}"]
    for chain, target in PLACES:
        lines += _first(there, chain, target)
    return lines + [f"-X {chain}" for chain in old]


def _absent(there: Chains) -> t.List[str]:
    goes = mine(there)
    lines = [f":{chain} - [0:0]" for chain in goes]
    for chain, target in ((USER, ours.ENTRY), (INPUT, ours.INPUT)):
        lines += _deleted(there, chain, target)
    lines += [f"-X {chain}" for chain in goes]
    if goes and not outlives(there, (FORWARD, USER)):
        lines += [*_deleted(there, FORWARD, USER), f"-X {USER}"]
    return lines


def outlives(there: Chains, place: t.Tuple[str, str]) -> bool:
    """Whether a jump stays when our chains go: the one to DOCKER-USER, if an engine or anybody else uses that chain."""
    others = [rule for rule in there.get(USER, []) if not saved.jumps(rule, ours.ENTRY)]
    return place == (FORWARD, USER) and (USER not in there or ENGINES in there or bool(others))


def _first(there: Chains, chain: str, target: str) -> t.List[str]:
    """What makes the jump to target the first rule of the chain, and leaves it nowhere else in it."""
    rules = there.get(chain, [])
    at = [number for number, rule in enumerate(rules) if saved.jumps(rule, target)]
    return [] if at == [0] else [*_deleted(there, chain, target), f"-I {chain} 1 -j {target}"]


def _deleted(there: Chains, chain: str, target: str) -> t.List[str]:
    return [f"-D {chain} {rule}" for rule in there.get(chain, []) if saved.jumps(rule, target)]


def same(there: t.Optional[t.Sequence[str]], wanted: t.Sequence[str]) -> bool:
    """Whether two chains are the same rules in the same order. A tool may print a rule's options in its own order."""
    if there is None or len(there) != len(wanted):
        return False
    return all(one == other or saved.options(one) == saved.options(other) for one, other in zip(there, wanted))
