# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The judge: evidence and wants in, findings and verdicts out."""

from __future__ import annotations

import enum
import typing as t
from dataclasses import dataclass, field

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import ANY, ANY_V6, Binding
from ansible_collections.dockmaster.ports.plugins.module_utils._core.claims import Hold, Holder, claims_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.clashes import Clash, Met, meet_all
from ansible_collections.dockmaster.ports.plugins.module_utils._core.elsewhere import of_the_engine
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.opened import opened_by
from ansible_collections.dockmaster.ports.plugins.module_utils._core.orphans import orphans
from ansible_collections.dockmaster.ports.plugins.module_utils._core.policy import Policy
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.binds import Bind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Publication
from ansible_collections.dockmaster.ports.plugins.module_utils._core.undecided import Undecided
from ansible_collections.dockmaster.ports.plugins.module_utils._core.unrouted import unrouted
from ansible_collections.dockmaster.ports.plugins.module_utils._core.want import Want
from ansible_collections.dockmaster.ports.plugins.module_utils._core.wsl import binds_on_windows


class Verdict(enum.Enum):
    """Of one want, the worst first."""

    BLOCKED = "blocked"  # its start is refused
    DIVERTED = "diverted"  # it starts, and its traffic goes elsewhere
    AT_RISK = "at_risk"  # it starts now, and something may take the port later
    UNKNOWN = "unknown"  # a cause that could object was not able to judge
    FREE = "free"


_CONSEQUENCE = {
    Hold.BOUND: Verdict.BLOCKED,
    Hold.EXCLUDED: Verdict.BLOCKED,
    Hold.DIVERTED: Verdict.DIVERTED,
    Hold.PROMISED: Verdict.AT_RISK,
    Hold.DRAWN: Verdict.AT_RISK,
}


@dataclass(frozen=True)
class Cause:
    """Why a want cannot have its binding, or cannot be reached on it.

    id: its file's name. needs: sections without which it cannot judge.
    probed: a bind that succeeded says the same as this cause would, so it need not see.
    portless: it can object to a want whose port the engine chooses too.
    """

    id: str
    title: str
    needs: t.Tuple[str, ...] = ()
    probed: bool = False
    portless: bool = False


@dataclass(frozen=True)
class Remedy:
    """id: name of a tasks file of role remediate. disrupts: what it stops or closes; empty where nothing."""

    id: str
    summary: str
    disrupts: str = ""
    params: t.Mapping[str, t.Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Finding:
    """A cause applied to a want and a holder. A value: it still holds exactly if looking again gives an equal one."""

    cause: str
    consequence: Verdict
    want: Want
    holder: Holder
    overlap: str
    summary: str
    remedies: t.Tuple[Remedy, ...] = ()


@dataclass(frozen=True)
class Judged:
    """A want with its verdict. unjudged: the causes that could object and were not able to judge, with the reason."""

    want: Want
    verdict: Verdict
    findings: t.Tuple[Finding, ...]
    unjudged: t.Mapping[str, str]


@dataclass(frozen=True)
class Diagnosis:
    wants: t.Tuple[Judged, ...]

    @property
    def findings(self) -> t.Tuple[Finding, ...]:
        return tuple(finding for judged in self.wants for finding in judged.findings)

    @property
    def unjudged(self) -> t.Dict[str, str]:
        return {cause: why for judged in self.wants for cause, why in judged.unjudged.items()}

    @property
    def ok(self) -> bool:
        """Every want is free."""
        return all(judged.verdict is Verdict.FREE for judged in self.wants)


@dataclass(frozen=True)
class Rules:
    """orphans_doubt: why it is not known which rules are orphans; empty where it is.

    unrouted: publications of running containers without their rule. unrouted_doubt: why that is not known.
    """

    orphans_doubt: str = ""
    unrouted: t.Tuple[Publication, ...] = ()
    unrouted_doubt: str = ""


@dataclass(frozen=True)
class Case:
    """What a cause judges: one want, what it would open, what it meets, and all the evidence.

    others: every want of the request, this one included, in their order. place: which of them this one is.
    rules: what the engine's rules lack, and what is not known of them. policy: the conventions, where there are any.
    """

    evidence: Evidence
    want: Want
    opened: t.Tuple[Binding, ...]
    met: Met
    others: t.Tuple[Want, ...] = ()
    place: int = 0
    rules: Rules = Rules()
    policy: t.Optional[Policy] = None

    def clashes(self, *kinds: str) -> t.Iterator[Clash]:
        return (c for c in self.met.clashes if c.holder.kind in kinds)

    def refusals(self) -> t.Tuple[Bind, ...]:
        """Binds that the kernel refused and that leave the want without what it needs, its own sockets apart."""
        refused = tuple(bind for bind in self._tried() if bind.error and not self._is_moot(bind))
        if self.want.choice == "any" and len({bind.port for bind in refused}) < len(self.want.binding.ports()):
            return ()
        return refused

    def _is_moot(self, bind: Bind) -> bool:
        """An engine leaves [::] out where the host has no IPv6 and nobody asked; and a want may have its port."""
        absent = bind.error in ("EAFNOSUPPORT", "EADDRNOTAVAIL") and bind.ip == ANY_V6 and self.want.binding.ip == ANY
        return absent or any(Binding(bind.ip, bind.protocol, bind.port, bind.port).meet(own) for own in self.met.own)

    def settled(self) -> bool:
        """Whether every socket that the engine would open was tried."""
        tried = {(bind.ip, bind.protocol, bind.port) for bind in self._tried()}
        return all((b.ip, b.protocol, port) in tried for b in self.opened for port in b.ports())

    def _tried(self) -> t.Iterator[Bind]:
        wanted = {(b.ip, b.protocol): b for b in self.opened}
        for bind in self.evidence.binds or ():
            binding = wanted.get((bind.ip, bind.protocol))
            if binding and bind.port in binding.ports():
                yield bind

    def finding(
        self,
        cause: Cause,
        clash: t.Optional[Clash],
        because: str,
        *remedies: Remedy,
        consequence: t.Optional[Verdict] = None,
    ) -> Finding:
        """because: what stands in the way, as the end of the sentence "<who> wants <what>, but ..."."""
        by = self.want.by or "a container"
        holder = clash.holder if clash else Holder("host", "host", title="this host")
        return Finding(
            cause.id,
            consequence or _consequence(clash),
            self.want,
            holder,
            clash.overlap if clash else str(self.want.binding),
            f"{by} wants {wanted_text(self.want)}, but {because}",
            remedies,
        )


def _consequence(clash: t.Optional[Clash]) -> Verdict:
    """It follows from the hold, so that all causes agree."""
    if clash is None:
        return Verdict.BLOCKED
    return Verdict.AT_RISK if clash.soft else _CONSEQUENCE[clash.hold]


def wanted_text(want: Want) -> str:
    if not want.binding.first:
        return f"any free port for {want.target}/{want.binding.protocol}"
    return f"{'one port of ' if want.choice == 'any' else ''}{want.binding}"


def move_want(case: Case) -> Remedy:
    by = case.want.by or "the container"
    return Remedy("move_want", f"publish {by} on another host port or address", params={"publish": case.want.publish})


class CauseModule(t.Protocol):
    """A file of `_causes`.

    It may also have `concerns(case) -> bool`, False where it cannot object to such a want whatever there is to see, and
    `blind(case) -> str`, why it cannot judge this want although its sections were seen.
    """

    CAUSE: Cause

    def explain(self, case: Case) -> t.Iterable[Finding]: ...


UNEXPLAINED = Cause("unexplained", "The kernel refuses the bind and nothing that was seen explains it")


def diagnose(
    evidence: Evidence,
    wants: t.Iterable[Want],
    causes: t.Iterable[CauseModule],
    policy: t.Optional[Policy] = None,
) -> Diagnosis:
    """Every want judged by every cause.

    No clash and no refusal is silent: one that no cause explains is a finding of UNEXPLAINED.
    """
    wants, causes, evidence = tuple(wants), tuple(causes), of_the_engine(evidence)
    met = meet_all(evidence, wants, claims_of(evidence))
    rules = _rules(evidence)
    cases = (
        Case(evidence, want, opened_by(want, evidence), met[place], wants, place, rules, policy)
        for place, want in enumerate(wants)
    )
    return Diagnosis(tuple(_judge(case, causes) for case in cases))


def _rules(evidence: Evidence) -> Rules:
    """Once for all wants: it costs a look at every rule."""
    orphans_doubt = unrouted_doubt = ""
    lacking: t.Tuple[Publication, ...] = ()
    try:
        orphans(evidence)
    except Undecided as exc:
        orphans_doubt = str(exc)
    try:
        lacking = unrouted(evidence)
    except Undecided as exc:
        unrouted_doubt = str(exc)
    return Rules(orphans_doubt, lacking, unrouted_doubt)


def _judge(case: Case, causes: t.Iterable[CauseModule]) -> Judged:
    findings: t.List[Finding] = []
    unjudged: t.Dict[str, str] = {}
    for module in causes:
        reason = _blind(case, module)
        if reason:
            unjudged[module.CAUSE.id] = reason
        if _can_judge(case, module.CAUSE):
            findings += module.explain(case)
    findings += _unexplained(case, findings)
    return Judged(case.want, _verdict(findings, unjudged), tuple(findings), unjudged)


def _can_judge(case: Case, cause: Cause) -> bool:
    return all(getattr(case.evidence, section) is not None for section in cause.needs)


def _blind(case: Case, module: CauseModule) -> str:
    """Why a cause was not able to judge this want, wholly or in part; empty where it was."""
    cause = module.CAUSE
    concerns = getattr(module, "concerns", None)
    if (
        (cause.probed and _need_not_see(case, cause))
        or (concerns and not concerns(case))
        or not (case.opened or cause.portless)
    ):
        return ""
    reasons = [case.evidence.unseen(section) for section in cause.needs]
    reasons += [str(b) for b in case.evidence.blind if b.section in cause.needs and _may_hide(b, case)]
    own = getattr(module, "blind", None)
    if own and _can_judge(case, cause):
        reasons.append(own(case))
    return "; ".join(dict.fromkeys(reason for reason in reasons if reason))


def _need_not_see(case: Case, cause: Cause) -> bool:
    """Whether every bind was tried, or the cause is about this kernel's sockets, and this kernel is not asked."""
    return case.settled() or (binds_on_windows(case.evidence) and "exclusions" not in cause.needs)


def _may_hide(blind: Blind, case: Case) -> bool:
    """Whether a part that was not seen may be a holder of what is wanted."""
    return bool(blind.part) and blind.hides and blind.protocol in ("", case.want.binding.protocol)


def _verdict(findings: t.Sequence[Finding], unjudged: t.Mapping[str, str]) -> Verdict:
    order = list(Verdict)
    worst = min((order.index(f.consequence) for f in findings), default=len(order) - 1)
    if unjudged:
        worst = min(worst, order.index(Verdict.UNKNOWN))
    return order[worst]


def _unexplained(case: Case, findings: t.Sequence[Finding]) -> t.Iterator[Finding]:
    explained = {finding.holder for finding in findings}
    for clash in case.met.clashes:
        if clash.holder not in explained:
            yield case.finding(UNEXPLAINED, clash, f"{clash.holder} has {clash.overlap}", move_want(case))
    refused = case.refusals()
    named = any(f.consequence is Verdict.BLOCKED for f in findings)
    if refused and not named and not any(c.hold in (Hold.BOUND, Hold.EXCLUDED) for c in case.met.clashes):
        yield case.finding(UNEXPLAINED, None, _refusal(refused[0]), move_want(case))


def _refusal(bind: Bind) -> str:
    binding = Binding(bind.ip, bind.protocol, bind.port, bind.port)
    return f"the kernel refuses {bind.step} on {binding} ({bind.error}) and nothing that was seen explains it"
