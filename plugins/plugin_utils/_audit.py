# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What is wrong on a host now, without anybody asking for a port.

Every configured port of every container is a want of its own: would the container come back after a restart?
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import duplicate_want
from ansible_collections.dockmaster.ports.plugins.module_utils._causes.catalogue import CAUSES
from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import Binding
from ansible_collections.dockmaster.ports.plugins.module_utils._core.claims import Claim, claims_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import (
    Diagnosis,
    Finding,
    Judged,
    diagnose,
    wanted_text,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.elsewhere import of_the_engine
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.free import free_ports
from ansible_collections.dockmaster.ports.plugins.module_utils._core.opened import running
from ansible_collections.dockmaster.ports.plugins.module_utils._core.orphans import Orphan, orphans
from ansible_collections.dockmaster.ports.plugins.module_utils._core.policy import Policy
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import NatRule
from ansible_collections.dockmaster.ports.plugins.module_utils._core.undecided import Undecided
from ansible_collections.dockmaster.ports.plugins.module_utils._core.want import Want
from ansible_collections.dockmaster.ports.plugins.plugin_utils._audit_published import open_lines, policy_lines
from ansible_collections.dockmaster.ports.plugins.plugin_utils._audit_wants import (
    asked_by,
    had_by,
    lacking_to,
    wants_of,
)
from ansible_collections.dockmaster.ports.plugins.plugin_utils._left_over import of_listener, of_rule
from ansible_collections.dockmaster.ports.plugins.plugin_utils._remediate.catalogue import step

JUDGES = tuple(module for module in CAUSES if module is not duplicate_want)
"""Containers that want one port are each in the other's way as holders, or will be; they are no one request."""

LEVELS = ("exposed", "blocked", "diverted", "at_risk", "orphan", "policy", "unknown", "open")
"""Kinds of what an audit or a preflight finds, the worst first."""

Taken = t.Optional[t.Sequence[Binding]]  # None where it is not all known, so that no port can be called free

_OF_ENGINES = ("engine", "containers", "publications", "endpoints")
_COMES_BACK = ("always", "unless-stopped", "on-failure")


@dataclass(frozen=True)
class Line:
    """One thing that is wrong. level: one of LEVELS. next: what to do about it. finding: the same as data."""

    level: str
    text: str
    next: str = ""
    by: str = ""
    finding: t.Optional[Finding] = None


@dataclass(frozen=True)
class HostAudit:
    """A host in the report. failed: why there is no evidence of it, else empty. unseen: what was not seen.

    partial: containers, or all of something else, are part of that: nothing found does not mean that nothing is wrong.
    """

    name: str
    failed: str = ""
    summary: str = ""
    lines: t.Tuple[Line, ...] = ()
    unseen: t.Tuple[str, ...] = ()
    diagnosis: t.Optional[Diagnosis] = field(default=None, compare=False)
    partial: bool = False

    def count(self, level: str) -> int:
        return sum(1 for line in self.lines if line.level == level)


def audit(name: str, evidence: Evidence, policy: t.Optional[Policy] = None) -> HostAudit:
    """The host's findings, the worst first."""
    summary, evidence = summary_of(evidence), of_the_engine(evidence)
    had, lacking = wants_of(had_by(evidence)), wants_of(lacking_to(evidence))
    found = diagnose(evidence, [*had, *wants_of(asked_by(evidence)), *lacking], JUDGES, policy)
    claims = claims_of(evidence)
    left_over = [*_unowned(claims, evidence), *_orphaned(evidence)]
    partial = _is_partial(evidence)
    taken = None if partial else [claim.binding for claim in claims]
    findings = _findings(evidence, found, len(had), taken)
    lines = [*findings, *map(_without, lacking), *left_over, *_published(evidence)]
    lines.sort(key=lambda line: LEVELS.index(line.level))
    told = tuple(dict.fromkeys(lines))
    return HostAudit(name, "", summary, told, _unseen(evidence), found, partial)


def _without(want: Want) -> Line:
    text = f"{want.by} is configured for {wanted_text(want)} and runs without it"
    step = "start it again once nothing is in the way, unless its network publishes nothing (internal, macvlan)"
    return Line("at_risk", text, step, want.by)


def _findings(evidence: Evidence, found: Diagnosis, had: int, taken: Taken) -> t.Iterator[Line]:
    """had: how many of the wants, the first, are ports that containers have already."""
    restarts = {c.name: c.restart for c in evidence.containers or ()}
    for place, judged in enumerate(found.wants):
        for finding in judged.findings:
            if finding.cause == "stopped_container" and not _may_come_back(finding, restarts):
                continue
            has = "has" if place < had else "wants"
            text = finding.summary.replace(" wants ", f" {has} ", 1)
            yield Line(level_of(finding), text, next_of(judged, finding, taken), judged.want.by, finding)


def level_of(finding: Finding) -> str:
    """One of LEVELS."""
    return "policy" if finding.cause == "policy" else finding.consequence.value


def _may_come_back(finding: Finding, restarts: t.Mapping[str, str]) -> bool:
    """Somebody may start any container; one that starts by itself is worth a line."""
    return restarts.get(finding.holder.name, "") in _COMES_BACK or finding.holder.detail == "restarting"


def next_of(judged: Judged, finding: Finding, taken: Taken) -> str:
    """What to do about a finding, the gentlest first."""
    if finding.cause == "policy":
        return ", or: ".join(remedy.summary for remedy in finding.remedies)
    steps = []
    ids = [remedy.id for remedy in finding.remedies]
    if "move_want" in ids:
        steps.append(_elsewhere(judged.want, taken))
    steps += _remediate(finding)
    return ", or: ".join(steps)


def _remediate(finding: Finding) -> list[str]:
    return [step(one.id, one.summary, one.disrupts) for one in finding.remedies if one.id != "move_want"]


def _elsewhere(want: Want, taken: Taken) -> str:
    near = want.binding.first
    size = len(want.binding.ports())
    if want.choice == "any":
        size = 1
    like = replace(want.binding, last=near + size - 1)
    ports = [] if taken is None else free_ports(taken, like, (max(1024, near), 65535))
    if not ports:
        return "publish on another host port"
    free = str(ports[0]) if size == 1 else f"{ports[0]}-{ports[0] + size - 1}"
    return f"publish on another host port ({free} {'is' if size == 1 else 'are'} free)"


def _unowned(claims: t.Sequence[Claim], evidence: Evidence) -> t.Iterator[Line]:
    """Listeners of an engine's that serve no container."""
    for claim in claims:
        finding = of_listener(claim, evidence)
        if finding:
            yield Line("orphan", finding.summary, ", or: ".join(_remediate(finding)), finding=finding)


def _orphaned(evidence: Evidence) -> t.Iterator[Line]:
    for orphan in _known_orphans(evidence):
        finding = of_rule(orphan.rule, orphan_text(orphan))
        yield Line("orphan", finding.summary, ", or: ".join([*_remediate(finding), _removal(orphan.rule)]), "", finding)


def _removal(rule: NatRule) -> str:
    """The command that removes this very rule and nothing else."""
    if rule.backend == "nft":
        return f"by hand: nft delete rule {rule.family} {rule.table} {rule.chain} handle {rule.handle}"
    program = rule.backend.replace("iptables", "ip6tables" if rule.family == "ip6" else "iptables")
    return f"by hand: {program} -t {rule.table} {rule.text.replace('-A', '-D', 1)}"


def _known_orphans(evidence: Evidence) -> tuple[Orphan, ...]:
    """None where a container may exist that was not seen; `_unseen` says so."""
    try:
        return orphans(evidence)
    except Undecided:
        return ()


def orphan_text(orphan: Orphan) -> str:
    rule = orphan.rule
    where = f"{rule.backend} {rule.family} {rule.table} {rule.chain}"
    shadows = "; it comes before a live rule and takes its traffic" if orphan.shadows else ""
    return f"a rule of an engine's is left over: {orphan.why}{shadows} ({where}: {rule.text})"


def _published(evidence: Evidence) -> t.Iterator[Line]:
    for told in (*policy_lines(evidence.published_policy), *open_lines(evidence)):
        yield Line(told.level, told.text, told.next)


def _unseen(evidence: Evidence) -> tuple[str, ...]:
    """One line a reason: the same one often stands between us and several sections."""
    what: dict[tuple[str, str], list[str]] = {}
    for blind in evidence.blind:
        if blind.part != "any engine":
            what.setdefault((blind.why, blind.see), []).append(blind.part or blind.section)
    return tuple(str(Blind("", why, see, ", ".join(dict.fromkeys(parts)))) for (why, see), parts in what.items())


def _is_partial(evidence: Evidence) -> bool:
    return any(one.hides and (not one.part or one.section in _OF_ENGINES) for one in evidence.blind)


def summary_of(evidence: Evidence) -> str:
    """The host in one line: engines, listeners, published ports."""
    engines = [_engine(engine, evidence) for engine in evidence.engine or ()]
    none = "no Docker engine" if evidence.engine is not None else "engine not seen"
    parts = [", ".join(engines) or none]
    if evidence.sockets is not None:
        parts.append(_plural(len([s for s in evidence.sockets if s.state == "listen"]), "listener"))
    if evidence.publications is not None and running(evidence):
        bindings = {(p.container, p.protocol, p.first) for p in evidence.publications if p.actual and p.first}
        parts.append(_plural(len(bindings), "published port"))
    return ", ".join(parts)


def _engine(engine: t.Any, evidence: Evidence) -> str:
    if engine.state == "stopped":
        return f"Docker (stopped, {engine.endpoint})"
    if not engine.version:
        return f"Docker (it did not say what it is, {engine.endpoint})"
    backends = {r.backend for r in (evidence.firewall.rulesets if evidence.firewall else ()) if r.docker_rules}
    backend = engine.firewall_backend or " and ".join(sorted(backends))
    words = [word for word in ("rootless" if engine.rootless else "", backend) if word]
    return f"Docker {engine.version}" + (f" ({', '.join(words)})" if words else "")


def _plural(count: int, word: str) -> str:
    return f"{count} {word}" + ("" if count == 1 else "s")


def worst(host: HostAudit) -> int:
    """For sorting hosts: the worst first, then those that were not reached, or seen in part only."""
    ranks = [LEVELS.index(line.level) for line in host.lines]
    return min(ranks, default=len(LEVELS) + (0 if host.failed else 1 if host.partial else 2))
