# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Sets of networks for iptables rules, kept by ipset. Source: ipset(8), hash:net."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.chains import SET_PREFIX, Sets
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.networks import BITS

_FAMILY = {4: "inet", 6: "inet6"}
_SPARE = SET_PREFIX + "new"  # filled beside a set that somebody changed, then swapped with it
_OURS = re.compile(rf"{SET_PREFIX}(?:new|[46]-[0-9a-f]{{12}})\Z")  # see chains.set_name; any other one is somebody's


def parse(text: str) -> Sets:
    """Our sets in what `ipset save` printed: members by name."""
    found: t.Dict[str, t.List[str]] = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) < 3 or not _OURS.match(words[1]):
            continue
        if words[0] == "create":
            found[words[1]] = []
        elif words[0] == "add":
            found[words[1]].append(words[2])
    return {name: tuple(members) for name, members in found.items()}


def restore(there: Sets, wanted: Sets) -> str:
    """The input for `ipset restore` that makes the sets which are missing or differ; empty if none does.

    A set that rules use is never empty in between.
    """
    lines: t.List[str] = []
    for name, members in wanted.items():
        if name not in there:
            lines += _made(name, name, members)
        elif _same(name, there[name]) != _same(name, members):
            lines += [*_made(_SPARE, name, members), f"swap {_SPARE} {name}", f"destroy {_SPARE}"]
    if _SPARE in there:  # left by a run that was killed
        lines.insert(0, f"destroy {_SPARE}")
    return "\n".join([*lines, ""]) if lines else ""


def unused(there: Sets, wanted: Sets) -> t.List[str]:
    """Our sets that no rule needs any more."""
    return [name for name in there if name not in wanted and name != _SPARE]


def hold(there: Sets, wanted: Sets, of: int) -> bool:
    """Whether our sets of one family are those that are wanted."""
    names = {name for name in there if family(name) == of}
    return names == set(wanted) and all(_same(name, there[name]) == _same(name, wanted[name]) for name in names)


def _made(name: str, called: str, members: t.Sequence[str]) -> t.List[str]:
    size = max(64, len(members))
    create = f"create {name} hash:net family {_FAMILY[family(called)]} hashsize {size} maxelem {max(65536, size)}"
    return [create, *(f"add {name} {member}" for member in members)]


def family(name: str) -> int:
    """4 or 6, as the name of one of our sets tells; 0 for the one that only stands in for another."""
    return 0 if name == _SPARE else int(name[len(SET_PREFIX)])


def _same(name: str, members: t.Iterable[str]) -> t.FrozenSet[str]:
    """ipset prints an address without its prefix."""
    single = f"/{BITS[family(name)]}"
    return frozenset(one[: -len(single)] if one.endswith(single) else one for one in members)
