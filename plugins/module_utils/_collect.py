# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Runs the probes, notes what was not seen and how long each took."""

from __future__ import annotations

import time
import typing as t
from dataclasses import replace

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import SECTIONS, Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.catalogue import PROBES_OF
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request

OPTIONAL = ("binds",)  # gathered only where somebody asks for them


def collect(host: Host, request: Request, evidence: t.Optional[Evidence] = None) -> Evidence:
    """Every section that the request names, from every probe that reports one of them, on top of earlier evidence.

    A probe that cannot see its source leaves its sections None, with the reason in `blind`.
    """
    evidence = evidence or Evidence(taken_at=host.now(), host=request.name)
    for probe in PROBES_OF[request.system]:
        if any(section in request.sections for section in probe.sections):
            evidence = _gather(probe.load(), host, request, evidence)
    return evidence


def _gather(module: t.Any, host: Host, request: Request, evidence: Evidence) -> Evidence:
    start = time.perf_counter()
    blind: t.List[Blind] = []
    try:
        seen = module.probe(host, request, evidence, blind)
    except Unseen as exc:
        seen = {}
        blind += [Blind(section, exc.why, exc.see) for section in module.SECTIONS if section in request.sections]
    took = round((time.perf_counter() - start) * 1000, 3)
    kept = {name: records for name, records in seen.items() if name in request.sections or name == "focus"}
    return replace(
        evidence,
        blind=evidence.blind + tuple(b for b in blind if b.section in request.sections),
        timings={**evidence.timings, module.SECTIONS[0]: took},
        **kept,
    )


def sections_of(names: t.Iterable[str]) -> t.Tuple[str, ...]:
    """The sections of a user's list, `all` among them. Raises ValueError for a name that is none."""
    wanted = list(names)
    unknown = sorted(set(wanted) - {"all", *SECTIONS})
    if unknown:
        raise ValueError(f"{unknown[0]!r} is not a section: expected one of all, {', '.join(SECTIONS)}")
    chosen = SECTIONS if "all" in wanted else wanted
    return tuple(
        section for section in SECTIONS if section in chosen and (section not in OPTIONAL or section in wanted)
    )
