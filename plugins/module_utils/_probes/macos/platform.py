# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What kind of Mac this is. Source: sw_vers(1), sysctl(8)."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Platform
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.macos.kernel import parse_settings
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.visible import visible

SECTIONS = ("platform",)

_KERNEL = ("sysctl", "kern.osrelease", "kern.hostname")


def probe(host: Host, request: Request, evidence: Evidence, blind: t.List[Blind]) -> t.Dict[str, Platform]:
    """Raises Unseen where there is no sw_vers: then this is no macOS."""
    told = parse_settings(host.run("sw_vers").out)
    kernel = _kernel(host)
    return {
        "platform": Platform(
            system="Darwin",
            distribution="".join(told.get("ProductName", "").split()).lower(),
            version=told.get("ProductVersion", ""),
            release=kernel.get("kern.osrelease", ""),
            hostname=visible(kernel.get("kern.hostname", "")),
            service_manager="launchd",
        )
    }


def _kernel(host: Host) -> t.Dict[str, str]:
    try:
        return parse_settings(host.run(*_KERNEL).out)
    except Unseen:
        return {}
