# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Engines that take their ports elsewhere: on another host, or in another network namespace, than was looked at.

Somebody named such an engine (docker_host), or its socket is mounted into this container. What it says of its
containers counts; what this host says of its own sockets, rules and addresses does not, nor does a bind tried here.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import replace

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence, system_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.opened import running
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Engine

SEE = "look from the engine's own host and network"

_OF_THE_HOST = (
    "kernel", "sockets", "clients", "units", "nat", "firewall", "published_policy", "exclusions", "windows_sockets",
    "binds",
)  # fmt: skip
_LOCAL = re.compile(r"unix://|npipe://|$")
_LOOPBACK = re.compile(r"(tcp|https?)://(localhost|127\.[0-9.]+|\[::1\])([:/]|$)")


def elsewhere(evidence: Evidence) -> str:
    """Why what this host tells is not about the ports of any engine that runs; empty where it is, or none runs."""
    reasons = [_why(engine, evidence) for engine in running(evidence)]
    return "; ".join(dict.fromkeys(reasons)) if all(reasons) else ""


def of_the_engine(evidence: Evidence) -> Evidence:
    """The evidence without what is not about the engine's ports; `blind` says why."""
    why = elsewhere(evidence)
    if not why:
        return evidence
    unseen: t.Dict[str, t.Any] = {name: None for name in _OF_THE_HOST if getattr(evidence, name) is not None}
    blind = tuple(Blind(section, why, SEE) for section in unseen)
    others = tuple(one for one in evidence.blind if one.section not in unseen)
    return replace(evidence, blind=(*blind, *others), **unseen)


def _why(engine: Engine, evidence: Evidence) -> str:
    by_another = _opens_by_another(engine, evidence)
    if _LOCAL.match(engine.endpoint):
        ours = evidence.platform.namespace if evidence.platform else ""
        # of an engine whose process is of this host, a rootless one's rootlesskit opens them here
        may_be = engine.pid is None or (ours and not engine.rootless)
        apart = may_be and engine.namespace not in ("", ours) and not by_another
        return f"{engine.endpoint} takes its ports in another network namespace ({engine.namespace})" if apart else ""
    if engine.pid is not None or (by_another and _LOOPBACK.match(engine.endpoint)):
        return ""
    return f"{engine.endpoint} takes its ports where it runs, and no dockerd of this host was seen to listen there"


def _opens_by_another(engine: Engine, evidence: Evidence) -> bool:
    """Whether it works in a virtual machine of this host, and a program of the host's opens its ports."""
    return system_of(evidence) != "Linux" or "docker desktop" in engine.operating_system.lower()
