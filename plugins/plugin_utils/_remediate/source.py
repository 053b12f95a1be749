# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Where findings come from: results of port_check or diagnose, a host's facts, or a report that an audit wrote.

That a finding is not there any more means something only if its cause was able to judge: `doubt_of` says where not.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.load import EvidenceError, load
from ansible_collections.dockmaster.ports.plugins.module_utils._core.orphans import orphans
from ansible_collections.dockmaster.ports.plugins.module_utils._core.result import as_plain, plain_finding
from ansible_collections.dockmaster.ports.plugins.module_utils._core.undecided import Undecided
from ansible_collections.dockmaster.ports.plugins.plugin_utils._audit import audit
from ansible_collections.dockmaster.ports.plugins.plugin_utils._remediate.plan import Plain, PlanError, key_of

SCHEMA = 1  # of reports
_OF_LISTENERS = ("orphan_proxy", "ghost_endpoint")
_IN_THE_WAY = ("blocked", "diverted")  # a container that was stopped wants its port again: that is a risk, and known
_KEYS = ("cause", "summary", "want", "holder", "remedies")


@dataclass(frozen=True)
class Seen:
    """findings: as port_check has them. wants: all that was judged, to be asked for again.

    unjudged: by cause, who and binding, why a cause could not judge a want. unseen: by cause, why it is not known what
    an engine left over. blind: why nobody knows what is wanted.
    """

    findings: tuple[Plain, ...]
    wants: tuple[Plain, ...]
    unjudged: t.Mapping[tuple[str, ...], str]
    unseen: t.Mapping[str, str] = field(default_factory=dict)
    blind: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(key_of(finding) for finding in self.findings)

    def doubt_of(self, keys: t.Iterable[str]) -> str:
        """Why it is not known whether findings are still so; empty where it is known."""
        found = [self._doubt_of(*json.loads(key)[:3]) for key in keys if key not in self.keys]
        return "; ".join(dict.fromkeys(why for why in found if why))

    def taken_of(self, about: t.Iterable[str], known: t.Collection[str]) -> list[str]:
        """What stands in the way of the same wants now and did not before: whoever took the place of a holder."""
        wants = {tuple(json.loads(key)[1:3]) for key in about}
        new = [one for key, one in zip(self.keys, self.findings, strict=True) if key not in known]
        same = [one for one in new if (one["want"]["by"], one["want"]["binding"] or one["want"]["publish"]) in wants]
        return [one["summary"] for one in same if one.get("consequence") in _IN_THE_WAY]

    def _doubt_of(self, cause: str, by: str, binding: str) -> str:
        unseen = "" if by else self.unseen.get(cause, "")
        return self.blind or self.unjudged.get((cause, by, binding), "") or unseen


def of_check(document: t.Any) -> Seen:
    """A result of port_check or of diagnose, or a list of findings. Raises PlanError."""
    findings = document.get("findings") if isinstance(document, t.Mapping) else document
    if not isinstance(findings, (list, tuple)):
        raise PlanError("remediate_findings: expected findings of port_check, or its whole result")
    for one in findings:
        if not isinstance(one, t.Mapping) or any(key not in one for key in _KEYS):
            raise PlanError(f"remediate_findings: {str(one)[:60]!r} is not a finding of port_check")
    wants = document.get("wants") if isinstance(document, t.Mapping) else None
    if wants is None:
        unique = {json.dumps([one["want"]["publish"], one["want"]["by"]]): one["want"] for one in findings}
        wants = list(unique.values())
    return Seen(tuple(findings), _numbered(wants), _unjudged(wants))


def of_evidence(name: str, document: t.Any) -> Seen:
    """What an audit finds in a host's facts. Raises PlanError."""
    try:
        evidence = load(document)
    except EvidenceError as exc:
        raise PlanError(f"the facts of {name} cannot be read: {exc}") from exc
    found = audit(name, evidence)
    judged = as_plain(found.diagnosis)["wants"] if found.diagnosis else []
    findings = tuple(plain_finding(line.finding) for line in found.lines if line.finding)
    return Seen(findings, _numbered(judged), _unjudged(judged), unseen_of(evidence), evidence.unseen("publications"))


def of_report(report: t.Any, name: str) -> Seen:
    """A host in the report of an audit. Raises PlanError."""
    if not isinstance(report, t.Mapping) or report.get("schema") != SCHEMA:
        raise PlanError(f"it is not an audit's report of schema {SCHEMA}: expected the file ports-audit.json")
    host = next((one for one in report["hosts"] if one["name"] == name), None)
    if host is None:
        raise PlanError(f"it has no host {name}: audit it again with this inventory")
    if host["failed"]:
        raise PlanError(f"{name} was not audited: {host['failed']}")
    return of_evidence(name, host["evidence"])


def still_of(seen: Seen, keys: t.Iterable[str]) -> list[str]:
    """Those of the findings that are still so."""
    return [key for key in keys if key in seen.keys]


def unseen_of(evidence: Evidence) -> dict[str, str]:
    """Why what an engine left over was not seen, by cause; empty where it was."""
    rules = ""
    try:
        orphans(evidence)
    except Undecided as exc:
        rules = str(exc)
    found = {"nat_rule": rules, **dict.fromkeys(_OF_LISTENERS, evidence.unseen("sockets"))}
    return {cause: why for cause, why in found.items() if why}


def _numbered(wants: t.Iterable[Plain]) -> tuple[Plain, ...]:
    """As port_check takes them; the replicas of a service want the same."""
    found = []
    for want in wants:
        text = str(want["publish"] or want["binding"])
        if text:
            found.append({"publish": text, "by": str(want["by"]), "replica": int(want.get("replica", 1))})
    return tuple(found)


def _unjudged(wants: t.Iterable[Plain]) -> dict[tuple[str, ...], str]:
    return {
        (cause, want["by"], want["binding"] or want["publish"]): why
        for want in wants
        for cause, why in (want.get("unjudged") or {}).items()
    }
