# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A record of section units."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SocketUnit:
    """An address that a systemd .socket unit listens on, or would. Source: systemctl show.

    enabled: UnitFileState is enabled or enabled-runtime; active: ActiveState is active.
    """

    unit: str
    ip: str
    protocol: str
    port: int
    active: bool = False
    enabled: bool = False
    triggers: str = ""
