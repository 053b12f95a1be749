# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The Windows that a WSL distribution runs on: its listeners, and the ports that it keeps back.

Read through Windows' own programs, as whoever started WSL, not elevated: both may be read so. Where they cannot be read
it matters only if somebody on Windows may refuse a published port (`_core/wsl.py`).
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.wsl import is_wsl, needs_windows
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request

SECTIONS = ("windows_sockets", "exclusions")

_SOURCES = {"windows_sockets": "sockets", "exclusions": "exclusions"}


def probe(host: Host, request: Request, evidence: Evidence, blind: t.List[Blind]) -> t.Dict[str, t.Any]:
    """Nothing on a host that is no WSL."""
    if not is_wsl(evidence):
        return {}
    seen: t.Dict[str, t.Any] = {}
    for section, source in _SOURCES.items():
        if section in request.sections:
            notes: t.List[Blind] = []
            try:
                seen[section] = _read(host, source, evidence, notes)
            except Unseen as exc:
                notes = [Blind(source, exc.why, exc.see)]
            if needs_windows(evidence):
                blind += [replace(note, section=section) for note in notes]
    return seen


def _read(host: Host, source: str, evidence: Evidence, blind: t.List[Blind]) -> t.Any:
    """Imported here: a host that is no WSL needs none of it."""
    from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows import exclusions, sockets
    from ansible_collections.dockmaster.ports.plugins.module_utils._probes.wsl_interop import ON, Interop, is_on

    if not is_on(host):
        raise Unseen("WSL starts no Windows programs here: interop is off", ON)
    module: t.Any = sockets if source == "sockets" else exclusions
    windows = t.cast(Host, Interop(host))
    return module.probe(windows, Request(sections=(source,), system="Windows"), evidence, blind)[source]
