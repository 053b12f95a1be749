# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""How ports are kept from clients, by the system of the host."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import Case, Remedy
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import system_of


def reserve(case: Case, ports: t.Sequence[str], summary: str) -> t.Tuple[Remedy, ...]:
    """None on macOS, which has no list of reserved ports. ports: such as 8080, 8000-8010."""
    system = system_of(case.evidence)
    if system == "Darwin":
        return ()
    if system == "Windows":
        params = {"ports": list(ports), "protocol": case.want.binding.protocol}
        return (Remedy("reserve_windows_port", f"{summary} (module win_port_reservation)", params=params),)
    return (Remedy("reserve_port", summary, params={"ports": list(ports)}),)
