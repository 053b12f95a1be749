# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Which sockets an engine would open for a want."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import ANY, ANY_V4, ANY_V6, Binding
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Engine
from ansible_collections.dockmaster.ports.plugins.module_utils._core.want import Want


def opened_by(want: Want, evidence: Evidence) -> t.Tuple[Binding, ...]:
    """One binding a socket and address family; none where the engine chooses the port, or opens nothing.

    Without an address the engine opens 0.0.0.0 and [::], each v6only, if the host has IPv6. Without the userland proxy
    it opens nothing on IPv6 for a container that has no IPv6 (seen on engines 20.10 to 29.7).
    """
    if not want.binding.first:
        return ()
    if want.binding.ip != ANY:
        return () if is_unserved(want, evidence) else (want.binding,)
    ipv6 = evidence.kernel is None or evidence.kernel.ipv6 is not False
    both = ipv6 and may_serve_ipv6(evidence)
    return tuple(want.binding.at(ip) for ip in ((ANY_V4, ANY_V6) if both else (ANY_V4,)))


def is_unserved(want: Want, evidence: Evidence) -> bool:
    """Whether the want names an IPv6 address and the engine will not open it."""
    return ":" in want.binding.ip and not may_serve_ipv6(evidence)


def may_serve_ipv6(evidence: Evidence) -> bool:
    """The userland proxy serves IPv6 for any container; without it, only containers of a network with IPv6 have it."""
    engines = running(evidence)
    if not engines or any(engine.userland_proxy is not False for engine in engines):
        return True
    return evidence.endpoints is None or any(":" in endpoint.subnet for endpoint in evidence.endpoints)


def running(evidence: Evidence) -> t.Tuple[Engine, ...]:
    return tuple(engine for engine in evidence.engine or () if engine.state == "running")


def release(engine: Engine) -> t.Tuple[int, ...]:
    """An engine's version as numbers that compare: 28.5.2+dfsg1 is (28, 5, 2)."""
    numbers: t.List[int] = []
    for part in engine.version.replace("+", ".").replace("-", ".").split("."):
        if not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers[:3])
