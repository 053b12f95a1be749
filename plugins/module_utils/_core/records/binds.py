# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A record of section binds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bind:
    """What happened when the engine's own bind was tried and closed at once.

    error: "" where it succeeded, else EADDRINUSE, EACCES, EADDRNOTAVAIL, EAFNOSUPPORT, ...
    step: socket, bind or listen, whichever failed.
    """

    ip: str
    protocol: str
    port: int
    error: str = ""
    step: str = ""
