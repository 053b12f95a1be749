# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The evidence document: what every source said about one host, or one network namespace of it.

Plain records (`records/`), a type a section; each says only what its source says. Who holds what is derived from all
of them together (`claims.py`), never collected.

A section is None (not seen; `blind` says why and how to see it) or seen, maybe empty.
"""

from __future__ import annotations

import dataclasses
import typing as t
from dataclasses import dataclass

if t.TYPE_CHECKING:  # a target makes a type each time that it imports one, and most tasks gather a few sections only
    from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.binds import Bind
    from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import (
        Container,
        Engine,
        NetworkEndpoint,
        Publication,
    )
    from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import (
        ExcludedRange,
        Kernel,
        Platform,
    )
    from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.published import PublishedPolicy
    from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import Firewall, NatRule
    from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
    from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.units import SocketUnit

SCHEMA = 1


@dataclass(frozen=True)
class Blind:
    """Something that was not seen. part: "" for the whole section, else which part of it.

    why: what stood in the way; see: what would let it be seen (become, a package, a right).
    hides: whether a holder of a port may be hidden by it. protocol: the only one whose holders it may hide; "" any.
    """

    section: str
    why: str
    see: str = ""
    part: str = ""
    hides: bool = True
    protocol: str = ""

    def __str__(self) -> str:
        return f"{self.part or self.section}: {self.why}" + (f"; {self.see}" if self.see else "")


@dataclass(frozen=True)
class Evidence:
    """The document. A section is None where it was not seen.

    exclusions, windows_sockets: None also where there are none to see, with nothing in `blind`. Only Windows has
    exclusions; windows_sockets are those of the Windows that a WSL distribution runs on.
    focus: ports whose connections were looked for ("8080", "8000-8010"): `clients` knows of these and no others.
    timings: milliseconds a section. taken_at: seconds since the epoch.
    """

    schema: int = SCHEMA
    taken_at: float = 0.0
    host: str = ""
    platform: t.Optional[Platform] = None
    kernel: t.Optional[Kernel] = None
    sockets: t.Optional[t.Tuple[Socket, ...]] = None
    clients: t.Optional[t.Tuple[Socket, ...]] = None
    units: t.Optional[t.Tuple[SocketUnit, ...]] = None
    engine: t.Optional[t.Tuple[Engine, ...]] = None
    containers: t.Optional[t.Tuple[Container, ...]] = None
    publications: t.Optional[t.Tuple[Publication, ...]] = None
    endpoints: t.Optional[t.Tuple[NetworkEndpoint, ...]] = None
    nat: t.Optional[t.Tuple[NatRule, ...]] = None
    firewall: t.Optional[Firewall] = None
    published_policy: t.Optional[PublishedPolicy] = None
    exclusions: t.Optional[t.Tuple[ExcludedRange, ...]] = None
    windows_sockets: t.Optional[t.Tuple[Socket, ...]] = None
    binds: t.Optional[t.Tuple[Bind, ...]] = None
    focus: t.Tuple[str, ...] = ()
    blind: t.Tuple[Blind, ...] = ()
    timings: t.Dict[str, float] = dataclasses.field(default_factory=dict)

    def unseen(self, section: str) -> str:
        """Why a section is None, in one line; empty where it was seen."""
        if getattr(self, section) is not None:
            return ""
        reasons = [str(b) for b in self.blind if b.section == section and not b.part]
        return "; ".join(reasons) or f"{section} was not gathered"


def system_of(evidence: Evidence) -> str:
    """The host's system; Linux where it was not gathered."""
    return evidence.platform.system if evidence.platform else "Linux"


SECTIONS = tuple(
    f.name
    for f in dataclasses.fields(Evidence)
    if f.name not in ("schema", "taken_at", "host", "focus", "blind", "timings")
)
