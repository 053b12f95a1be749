# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The policy in iptables and ip6tables: the commands between what is there and what is wanted."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import chains, placement, sets, tables
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.chains import Laid, Sets
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.policy import Policy
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.saved import Chains
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.surroundings import Surroundings
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.system import Step
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.tables import Reading, Rules
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.view import View

OPTIONS = ("--noflush", "--wait", "30")  # seconds for the lock that all users of legacy iptables share

Shown = t.Dict[str, t.Tuple[str, str]]


def read_sets(system: View) -> t.Optional[Sets]:
    """Our ipsets; None where this host can keep none: then each network has a rule of its own."""
    if not system.which("ipset"):
        return None
    done = system.run("ipset", "save")
    return sets.parse(done.out) if done.rc == 0 else None


def plan(
    reading: Reading, there: t.Optional[Sets], around: Surroundings, policy: t.Optional[Policy]
) -> t.Tuple[t.List[Step], Shown]:
    """The commands, and our rules before and after. With no policy, ours go.

    Sets come before the rules that use them, and go after. Each transaction is tried (--test) before the first one is
    made, so that no family is left alone with a new policy.
    """
    transactions, wanted, shown = [], {}, {}
    for family, rules in sorted(reading.rules.items(), reverse=True):
        laid = chains.lay_out(policy, around, family, there is not None) if policy else None
        text = placement.transaction(rules.filter, laid.chains if laid else None)
        wanted.update(laid.sets if laid else {})
        shown[f"{tables.PROGRAMS[family]}-{reading.variant}"] = _shown(rules, there or {}, laid, bool(text))
        transactions += [(rules.restore, text)] if text else []
    transactions += [(one.restore, placement.transaction(one.filter, None)) for one in reading.strays]
    return _steps(transactions, there or {}, wanted), dict(reversed(list(shown.items())))


def _steps(transactions: t.Sequence[t.Tuple[str, str]], there: Sets, wanted: Sets) -> t.List[Step]:
    made = sets.restore(there, wanted)
    steps = [Step(("ipset", "restore"), made)] if made else []
    if len(transactions) > 1:
        steps += [Step((program, *OPTIONS, "--test"), text) for program, text in transactions]
    steps += [Step((program, *OPTIONS), text) for program, text in transactions]
    return steps + [Step(("ipset", "destroy", name)) for name in sets.unused(there, wanted)]


def _shown(rules: Rules, there: Sets, laid: t.Optional[Laid], changes: bool) -> t.Tuple[str, str]:
    """Our part of a family's rules before and after: the jumps, the chains, the sets."""
    before = _lines(rules.family, placement.mine(rules.filter), placement.held(rules.filter), there)
    if laid:
        after = _lines(rules.family, laid.chains, placement.PLACES, laid.sets)
        return (before, after) if changes or not sets.hold(there, laid.sets, rules.family) else (after, after)
    kept = [place for place in placement.held(rules.filter) if placement.outlives(rules.filter, place)]
    return (before, _lines(rules.family, {}, kept, {})) if changes else ("", "")


def _lines(family: int, ours: Chains, jumps: t.Iterable[t.Tuple[str, str]], members: Sets) -> str:
    lines = [f"-A {chain} -j {target}" for chain, target in jumps]
    lines += [f"-A {chain} {rule}" for chain in sorted(ours) for rule in ours[chain]]
    lines += [f"add {name} {net}" for name in sorted(members) if sets.family(name) == family for net in members[name]]
    return "".join(f"{line}\n" for line in lines)
