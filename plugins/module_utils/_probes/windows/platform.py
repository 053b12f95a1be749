# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What kind of Windows this is. Source: .NET's Environment (MachineName, OSVersion)."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Platform
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.visible import visible
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows.command import Command, machine_of

SECTIONS = ("platform",)


def commands(request: Request) -> t.Sequence[Command]:
    return ()


def probe(host: Host, request: Request, evidence: Evidence, blind: t.List[Blind]) -> t.Dict[str, Platform]:
    """Raises Unseen where the host said nothing of itself."""
    told = machine_of(host)
    version = visible(told["version"])
    return {
        "platform": Platform(
            system="Windows",
            distribution="windows",
            version=version,
            release=version,
            hostname=visible(told["name"]),
            service_manager="scm",
        )
    }
