# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Where a want meets claims of somebody else."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import (
    ANY,
    ANY_V4,
    ANY_V6,
    WILDCARDS,
    Binding,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.claims import Claim, Hold, Holder
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence, system_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.opened import opened_by, release, running
from ansible_collections.dockmaster.ports.plugins.module_utils._core.want import Want

Tried = t.Mapping[t.Tuple[str, str, int], str]  # by address, protocol and port: the error, "" where it passed

HARD = (Hold.BOUND, Hold.EXCLUDED, Hold.DIVERTED)
_IN_THE_ENGINE = ("container",)  # the engine's own allocator knows these, and refuses whatever the kernel says
_TRIES = 10  # ports of a range that engines from 27 on try before they give up


@dataclass(frozen=True)
class Clash:
    """A want that meets a claim of somebody else.

    overlaps: what both would hold. soft: it may or may not hurt: another port of the range is clean, or the claim is
    for some of the traffic only.
    """

    want: Want
    hold: Hold
    holder: Holder
    overlaps: t.Tuple[Binding, ...]
    soft: bool = False

    @property
    def overlap(self) -> str:
        return ", ".join(str(binding) for binding in merged(self.overlaps))


@dataclass(frozen=True)
class Met:
    """What one want meets: claims of others, and what it has itself already."""

    clashes: t.Tuple[Clash, ...]
    own: t.Tuple[Binding, ...]


class ClaimIndex:
    """Claims by protocol and port, so that ten wants against a thousand claims stay cheap."""

    def __init__(self, claims: t.Iterable[Claim]) -> None:
        self._ports: t.Dict[t.Tuple[str, int], t.List[Claim]] = {}
        self._ranges: t.Dict[str, t.List[Claim]] = {}
        for claim in claims:
            b = claim.binding
            if b.first == b.last:
                self._ports.setdefault((b.protocol, b.first), []).append(claim)
            else:
                self._ranges.setdefault(b.protocol, []).append(claim)

    def meeting(self, binding: Binding) -> t.Iterator[t.Tuple[Claim, Binding]]:
        near = [c for port in binding.ports() for c in self._ports.get((binding.protocol, port), ())]
        for claim in near + self._ranges.get(binding.protocol, []):
            overlap = binding.meet(claim.binding)
            if overlap:
                yield claim, overlap


def meet_all(evidence: Evidence, wants: t.Iterable[Want], claims: t.Iterable[Claim]) -> t.List[Met]:
    """What each want meets, in their order."""
    index = ClaimIndex(claims)
    tried = {(b.ip, b.protocol, b.port): b.error for b in evidence.binds or ()}
    return [_meet(evidence, want, index, tried) for want in wants]


def _meet(evidence: Evidence, want: Want, index: ClaimIndex, tried: Tried) -> Met:
    found: t.Dict[t.Tuple[Hold, Holder], Clash] = {}
    own: t.List[Binding] = []
    for opened in opened_by(want, evidence):
        for claim, overlap in index.meeting(opened):
            if claim.holder.is_of(want.by):
                if claim.hold is Hold.BOUND:
                    own.append(overlap.at(opened.ip))
                continue
            now = _claim_now(claim, opened, overlap, tried, system_of(evidence))
            if now:
                key = (now.hold, now.holder)
                clash = found.get(key) or Clash(want, now.hold, now.holder, (), now.partial)
                found[key] = replace(clash, overlaps=(*clash.overlaps, overlap))
    clashes = tuple(kept for clash in found.values() for kept in _while_it_has(clash, own))
    return Met(_of_any(evidence, want, clashes) if want.choice == "any" else clashes, tuple(own))


def _while_it_has(clash: Clash, own: t.Sequence[Binding]) -> t.Iterator[Clash]:
    """The clash as it is to a want that may have its ports already.

    The kernel hands out what is free, so nothing is drawn that somebody has. What Windows keeps back is refused to who
    lets go of it and wants it again, as a container that is made anew does.
    """
    had = {port for binding in own for port in binding.ports()}
    has = all(port in had for overlap in clash.overlaps for port in overlap.ports())
    if has and clash.hold is Hold.EXCLUDED:
        yield replace(clash, hold=Hold.PROMISED)
    elif not (has and clash.hold is Hold.DRAWN):
        yield clash


def _claim_now(claim: Claim, opened: Binding, overlap: Binding, tried: Tried, system: str) -> t.Optional[Claim]:
    """The claim as it is, unless the kernel let the engine's very bind pass.

    Then a socket is no obstacle. With UDP both sockets live on and the kernel chooses where datagrams go: the engine
    28 binds UDP with SO_REUSEADDR, and shares the port silently with a holder that does so too.
    A kernel of WSL has asked Windows, whose excluded ranges are no obstacle then (.wslconfig may have it not ask).
    """
    if claim.hold not in (Hold.BOUND, Hold.EXCLUDED) or claim.holder.kind in (*_IN_THE_ENGINE, "service"):
        return claim
    errors = [tried.get((opened.ip, opened.protocol, port)) for port in overlap.ports()]
    if system == "Darwin" and opened.protocol == "tcp" and claim.holder.kind != "client":
        return _beside(claim, opened, errors)
    if any(error != "" for error in errors):
        return claim
    shared = opened.protocol == "udp" and claim.hold is Hold.BOUND and claim.holder.kind != "client"
    return replace(claim, hold=Hold.DIVERTED) if shared else None


def _beside(claim: Claim, opened: Binding, errors: t.Sequence[t.Optional[str]]) -> t.Optional[Claim]:
    """What a TCP socket means to one beside it on macOS, whose kernel lets a user bind all addresses and one of them.

    The narrower socket gets the traffic. A socket of another user is refused, so the bind of a probe that runs as root
    says less than that of Docker Desktop's user would. Source: XNU, bsd/netinet/in_pcb.c, in_pcbbind; docs/macos.md.
    errors: of the binds that were tried, "" for one that passed, None for one that was not tried.
    """
    if any(errors):
        return claim
    if opened.ip in WILDCARDS and claim.binding.ip not in WILDCARDS:
        return replace(claim, hold=Hold.DIVERTED)
    if any(error is None for error in errors):
        return claim
    narrower = opened.ip not in (*WILDCARDS, claim.binding.ip)
    return replace(claim, partial=True) if narrower else None


def _of_any(evidence: Evidence, want: Want, clashes: t.Tuple[Clash, ...]) -> t.Tuple[Clash, ...]:
    """Of a range of which one port is enough, only what leaves no clean port counts.

    Engines up to 26 do not try the next port when the kernel refuses one; later ones try ten.
    """
    ports = set(want.binding.ports())
    hard = _ports_hit(clashes, HARD)
    if ports <= hard:
        return clashes
    kernel = _ports_hit([c for c in clashes if c.holder.kind not in _IN_THE_ENGINE], HARD)
    old = any(release(engine) < (27,) for engine in running(evidence))
    kept = [replace(c, soft=True) for c in clashes if c.hold in HARD and c.holder.kind not in _IN_THE_ENGINE]
    soft = kept if kernel and (old or len(kernel) >= _TRIES) else []
    light = [c for c in clashes if c.hold not in HARD]
    return (*soft, *(light if ports - hard <= _ports_hit(light, tuple(Hold)) else ()))


def _ports_hit(clashes: t.Iterable[Clash], holds: t.Tuple[Hold, ...]) -> t.Set[int]:
    return {port for c in clashes if c.hold in holds for overlap in c.overlaps for port in overlap.ports()}


def merged(bindings: t.Iterable[Binding]) -> t.List[Binding]:
    """The fewest bindings that say the same: neighbouring ports as a range, both families as *."""
    ranges: t.List[Binding] = []
    for one in sorted(set(bindings), key=lambda b: (b.ip, b.protocol, b.first)):
        last = ranges[-1] if ranges else None
        if last and (last.ip, last.protocol) == (one.ip, one.protocol) and one.first <= last.last + 1:
            ranges[-1] = Binding(one.ip, one.protocol, last.first, max(last.last, one.last))
        else:
            ranges.append(one)
    both = [b for b in ranges if b.ip == ANY_V4 and b.at(ANY_V6) in ranges]
    gone = {b.at(ip) for b in both for ip in (ANY_V4, ANY_V6)}
    return [b.at(ANY) for b in both] + [b for b in ranges if b not in gone]
