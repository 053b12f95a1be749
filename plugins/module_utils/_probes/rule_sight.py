# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""All rules of a host out of several programs' mouths, each rule once, and what could not be seen."""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Refused, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import rule_dumps
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rule_dumps import Dump
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rule_tree import Chain, Table

FAMILIES = ("ip", "ip6")
IPTABLES_TABLES = ("filter", "nat", "raw", "mangle", "security")  # where iptables-nft keeps its rules

_IP = {"ip": "IPv4", "ip6": "IPv6"}


class Gap(t.NamedTuple):
    """A part of the rules that was not seen: which, why, and what would let it be seen."""

    part: str
    why: str
    see: str


class Sight(t.NamedTuple):
    """tables: every table once. seen: (backend, family) pairs, with tables or without. gaps: what may be hidden."""

    tables: t.Tuple[Table, ...] = ()
    seen: t.FrozenSet[t.Tuple[str, str]] = frozenset()
    gaps: t.Tuple[Gap, ...] = ()

    def with_(self, other: Sight) -> Sight:
        return Sight(self.tables + other.tables, self.seen | other.seen, self.gaps + other.gaps)


_Tried = t.Union[Dump, Unseen]
_Printed = t.Mapping[str, _Tried]  # by iptables-nft-save and ip6tables-nft-save


def look(host: Host, kind: str) -> Sight:
    """kind: as `rule_dumps.iptables_kind`. Raises nothing: what is not seen is a gap."""
    printed = {family: _try(rule_dumps.dump_nft_side, host, family, kind) for family in FAMILIES}
    sight = Sight()
    for family, dump in printed.items():
        if isinstance(dump, Dump):
            sight = sight.with_(Sight(dump.tables, frozenset({("iptables-nft", family)})))
    absent = any(isinstance(dump, Dump) and dump.absent for dump in printed.values())
    native = Dump(absent=True) if absent else _try(rule_dumps.dump_nft, host, functools.partial(_is_printed, printed))
    rest = _beyond(native, printed) if isinstance(native, Dump) else _without_nft(host, native, printed)
    sight = sight.with_(rest)
    for family in FAMILIES:
        sight = sight.with_(_legacy(_try(rule_dumps.dump_legacy_side, host, family, kind), family))
    return sight


def is_iptables(family: str, name: str) -> bool:
    return family in FAMILIES and name in IPTABLES_TABLES


def _try(dump: t.Callable[..., Dump], *args: t.Any) -> _Tried:
    try:
        return dump(*args)
    except Unseen as exc:
        return exc


def _legacy(dump: _Tried, family: str) -> Sight:
    if isinstance(dump, Dump):
        return Sight(dump.tables, frozenset({("iptables-legacy", family)}))
    return Sight(gaps=(Gap(f"{_IP[family]} rules of iptables-legacy", dump.why, dump.see),))


def _beyond(native: Dump, printed: _Printed) -> Sight:
    """What nft shows beyond what iptables-nft-save printed; all of it where that could not."""
    tables: t.List[Table] = []
    gaps: t.List[Gap] = []
    for table in native.tables:
        left = table._replace(chains={n: c for n, c in table.chains.items() if not _is_told(printed, table, c)})
        if left.chains:
            tables.append(left)
            gaps += _hidden(left, printed)
    both = frozenset((backend, family) for backend in ("nft", "iptables-nft") for family in FAMILIES)
    return Sight(tuple(tables), both, tuple(gaps))


def _hidden(table: Table, printed: _Printed) -> t.Iterator[Gap]:
    """Rules that nft does not tell wholly. Those of table filter neither divert nor drop before a port is reached."""
    count = sum(rule.opaque for chain in table.chains.values() for rule in chain.rules)
    if not count or table.name == "filter":
        return
    why, see = _NEW, ""
    if is_iptables(table.family, table.name):
        dump = printed[table.family]
        why, see = (dump.why, dump.see) if isinstance(dump, Unseen) else (_MIXED, _PART)
    yield Gap(f"{count} of the rules of table {table.family} {table.name}", why, see)


_MIXED = "somebody wrote into a table of iptables with nft, and neither program shows both's rules wholly"
_NEW = "nft printed them in a form that is not known here"
_PART = "move the rules of nft into a table of their own"


def _is_told(printed: _Printed, table: Table, chain: Chain) -> bool:
    return _is_printed(printed, table.family, table.name, chain.name, chain.size)


def _is_printed(printed: _Printed, family: str, table: str, chain: str, size: int) -> bool:
    """Whether iptables-nft-save told a chain. One that iptables would not have made it prints empty, or not at all."""
    dump = printed[family] if is_iptables(family, table) else None
    same = next((one for one in dump.tables if one.name == table), None) if isinstance(dump, Dump) else None
    there = same.chains.get(chain) if same else None
    return there is not None and (bool(there.size) or not size)


def _without_nft(host: Host, unseen: Unseen, printed: _Printed) -> Sight:
    """The kernel itself still tells which tables there are: often iptables' own and no others."""
    try:
        names = rule_dumps.table_names(host)
    except Unseen as exc:
        why = exc if isinstance(exc, Refused) else unseen
        gaps = [
            Gap(f"{_IP[f]} rules of iptables-nft", d.why, d.see) for f, d in printed.items() if isinstance(d, Unseen)
        ]
        return Sight(gaps=(*gaps, Gap("rules of nft", why.why, why.see)))
    seen, gaps = set(), []
    native = [f"{family} {name}" for family, name in names if family != "other" and not is_iptables(family, name)]
    if native:
        gaps.append(Gap("rules of nft", f"there are tables ({', '.join(native)}), and {unseen.why}", unseen.see))
    else:
        seen |= {("nft", family) for family in FAMILIES}
    for family, dump in printed.items():
        own = [name for other, name in names if other == family and is_iptables(family, name)]
        if isinstance(dump, Dump):
            gaps += [Gap(f"rules of table {family} {name}", f"{_MIXED}; {unseen.why}", _PART) for name in dump.partly]
        elif own:
            gaps.append(Gap(f"{_IP[family]} rules of iptables-nft", dump.why, dump.see))
        else:
            seen.add(("iptables-nft", family))
    return Sight((), frozenset(seen), tuple(gaps))
