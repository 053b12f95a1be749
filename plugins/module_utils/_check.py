# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Wants in, verdicts out, on the machine itself."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.dockmaster.ports.plugins.module_utils._causes.catalogue import CAUSES
from ansible_collections.dockmaster.ports.plugins.module_utils._collect import collect
from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import Binding
from ansible_collections.dockmaster.ports.plugins.module_utils._core.claims import claims_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import (
    Diagnosis,
    Judged,
    Verdict,
    diagnose,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.free import Band, free_ports
from ansible_collections.dockmaster.ports.plugins.module_utils._core.opened import opened_by
from ansible_collections.dockmaster.ports.plugins.module_utils._core.policy import Policy
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import text_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.want import Want
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request

LOOPBACK = "127.0.0.1"
TRIES = 20  # ports of a band that look free and are tried before a suggestion is given up


def check(
    host: Host, request: Request, wants: t.Sequence[Want], bind_probe: bool, policy: t.Optional[Policy] = None
) -> t.Tuple[Evidence, Diagnosis]:
    """The evidence, the bind probe's included where it is asked for, and every want judged by it."""
    ports = tuple((w.binding.first, w.binding.last) for w in wants if w.binding.first)
    evidence = collect(host, request._replace(focus=request.focus + ports))
    if bind_probe:
        evidence = _tried(host, request, wants, evidence)
    return evidence, diagnose(evidence, wants, CAUSES, policy)


def _tried(host: Host, request: Request, wants: t.Iterable[Want], evidence: Evidence) -> Evidence:
    bindings = tuple(dict.fromkeys(b for want in wants for b in opened_by(want, evidence)))
    return collect(host, request._replace(sections=("binds",), wants=bindings), evidence)


class Suggester:
    """The nearest ports of a band that a want could have instead. No port is suggested twice."""

    def __init__(
        self, host: Host, request: Request, evidence: Evidence, band: Band, policy: t.Optional[Policy] = None
    ) -> None:
        self._host, self._request, self._evidence, self._band, self._policy = host, request, evidence, band, policy
        self._taken = [claim.binding for claim in claims_of(evidence)]

    def suggest(self, diagnosis: Diagnosis) -> t.Dict[int, str]:
        """What to publish instead, by the want's place; wants that are free or chosen by the engine need nothing."""
        found: t.Dict[int, str] = {}
        self._taken += [j.want.binding for j in diagnosis.wants if j.want.binding.first and j.want.choice == "all"]
        for place, judged in enumerate(diagnosis.wants):
            if judged.verdict not in (Verdict.FREE, Verdict.UNKNOWN) and judged.want.binding.first:
                moved = self._moved(judged)
                if moved:
                    self._taken.append(moved.binding)
                    found[place] = text_of(moved)
        return found

    def _moved(self, judged: Judged) -> t.Optional[Want]:
        binding = judged.want.binding
        if judged.want.choice == "any":
            binding = replace(binding, last=binding.first)
        rules = {finding.holder.name for finding in judged.findings if finding.cause == "policy"}
        if "not_published" in rules:
            return None
        if "local_only" in rules:
            binding = replace(binding, ip=LOOPBACK)
        size = len(binding.ports())
        for first in self._places(judged, binding):
            moved = replace(judged.want, binding=replace(binding, first=first, last=first + size - 1), choice="all")
            if diagnose(self._seen_for(moved), [moved], CAUSES, self._policy).ok:
                return moved
        return None

    def _seen_for(self, want: Want) -> Evidence:
        """The evidence, and its bind if those of the request were tried: else nobody asked for it, or it cannot be."""
        if self._evidence.binds is None:
            return self._evidence
        return _tried(self._host, self._request, [want], replace(self._evidence, binds=None))

    def _places(self, judged: Judged, binding: Binding) -> t.Iterator[int]:
        """First ports to try: its own where only its address is at fault, then its bands of the policy, or the band."""
        if all(finding.cause == "policy" for finding in judged.findings):
            yield binding.first
        owned = self._policy.owned_by(judged.want.by) if self._policy else ()
        ranges = [one for name in owned for one in self._policy.bands.get(name, ())] if self._policy else []
        for band in ranges or [self._band]:
            yield from free_ports(self._taken, binding, band, TRIES)
