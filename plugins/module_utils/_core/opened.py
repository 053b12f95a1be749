# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Which sockets an engine would open for a want."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import ANY, ANY_V4, ANY_V6, Binding
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Engine, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.want import Want


def opened_by(want: Want, evidence: Evidence) -> t.Tuple[Binding, ...]:
    """One binding a socket and address family; none where the engine chooses the port.

    Without an address the engine opens 0.0.0.0 and [::], each v6only, if the host has IPv6. Without the userland proxy
    the [::] side of an IPv4-only container is not opened (seen on engines 20.10 to 29.7).
    """
    if not want.binding.first:
        return ()
    if want.binding.ip != ANY:
        return (want.binding,)
    ipv6 = evidence.kernel is None or evidence.kernel.ipv6 is not False
    proxy = all(engine.userland_proxy is not False for engine in running(evidence))
    return tuple(
        want.binding.at(ip) for ip in (ANY_V4, ANY_V6) if ip == ANY_V4 or (ipv6 and (proxy or not running(evidence)))
    )


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
