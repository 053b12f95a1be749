# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A diagnosis as plain data and as one line for people. The same for every door that a diagnosis leaves by."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import (
    Diagnosis,
    Finding,
    Judged,
    Verdict,
    wanted_text,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.shown import shown
from ansible_collections.dockmaster.ports.plugins.module_utils._core.want import Want

LEVELS = ("never", *(verdict.value for verdict in Verdict if verdict is not Verdict.FREE))
"""What a caller may be strict about, each level including those before it."""


def as_plain(diagnosis: Diagnosis, suggestions: t.Optional[t.Mapping[int, str]] = None) -> t.Dict[str, t.Any]:
    """JSON data: wants, findings, unjudged, ok, msg. suggestions: by the want's place in the request."""
    chosen = suggestions or {}
    return {
        "wants": [_want(judged, chosen.get(i)) for i, judged in enumerate(diagnosis.wants)],
        "findings": [plain_finding(finding) for finding in diagnosis.findings],
        "unjudged": dict(diagnosis.unjudged),
        "ok": diagnosis.ok,
        "msg": headline(diagnosis, chosen),
    }


def headline(diagnosis: Diagnosis, suggestions: t.Mapping[int, str]) -> str:
    """The worst first, one sentence a want that is not free, all in one line: it is printed as it is."""
    order = list(Verdict)
    ranked = sorted(enumerate(diagnosis.wants), key=lambda pair: order.index(pair[1].verdict))
    said = [_sentence(judged, suggestions.get(i)) for i, judged in ranked if judged.verdict is not Verdict.FREE]
    if said:
        return shown("; ".join(dict.fromkeys(said)))
    count = len(diagnosis.wants)
    return "nothing is wanted" if not count else "free" if count == 1 else f"all {count} wants are free"


def failing(diagnosis: Diagnosis, fail_on: str) -> bool:
    """Whether a want's verdict is one that the caller is strict about."""
    fatal = LEVELS[1 : LEVELS.index(fail_on) + 1]
    return any(judged.verdict.value in fatal for judged in diagnosis.wants)


def _sentence(judged: Judged, suggestion: t.Optional[str]) -> str:
    order = list(Verdict)
    worst = sorted(judged.findings, key=lambda finding: order.index(finding.consequence))
    if judged.verdict is Verdict.UNKNOWN:
        why = next(iter(judged.unjudged.values()))
        by = judged.want.by or "a container"
        return f"{by} wants {wanted_text(judged.want)}, and whether it is free is not known: {why}"
    return worst[0].summary + (f" ({suggestion} is free)" if suggestion else "")


def _want(judged: Judged, suggestion: t.Optional[str]) -> t.Dict[str, t.Any]:
    return {
        **_asked(judged.want),
        "verdict": judged.verdict.value,
        "findings": [plain_finding(finding) for finding in judged.findings],
        "unjudged": dict(judged.unjudged),
        "suggestion": suggestion,
    }


def _asked(want: Want) -> t.Dict[str, t.Any]:
    binding = str(want.binding) if want.binding.first else ""
    return {
        "publish": want.publish,
        "binding": binding,
        "by": want.by,
        "choice": want.choice,
        "replica": want.replica,
    }


def plain_finding(finding: Finding) -> t.Dict[str, t.Any]:
    """A finding as JSON data."""
    holder = finding.holder
    return {
        "cause": finding.cause,
        "consequence": finding.consequence.value,
        "summary": shown(finding.summary),
        "want": _asked(finding.want),
        "holder": {
            "kind": holder.kind,
            "name": holder.name,
            "id": holder.id,
            "by": holder.by,
            "pid": holder.pid,
            "started": holder.started,
            "detail": holder.detail,
            "title": str(holder),
        },
        "overlap": finding.overlap,
        "remedies": [
            {"id": r.id, "summary": r.summary, "disrupts": r.disrupts, "params": dict(r.params)}
            for r in finding.remedies
        ],
    }
