# SPDX-License-Identifier: GPL-3.0-or-later
"""What each engine says when it refuses: the innermost words, which a refusal has to hold.

Source: the engines of the lab.
"""

from __future__ import annotations

from .remote import Remote


def in_use(host: Remote, address: str, port: int, protocol: str = "tcp", target: int = 80, proxy: bool = True) -> str:
    """The kernel refused. Engine 28 names the container's address too, which is told by the first half of the text."""
    shown = f"[{address}]" if ":" in address else address
    if host.version >= (29,):
        return f"failed to bind host port {shown}:{port}/{protocol}: address already in use"
    if host.version >= (28,):
        return f"failed to bind host port for {shown}:{port}:"
    listen = f"listen {protocol}{6 if ':' in address else 4} {shown}:{port}: bind: address already in use"
    return f"Error starting userland proxy: {listen}" if proxy else listen


def allocated(address: str, port: int) -> tuple[str, ...]:
    """The engine's own table refused. IPv6 is printed without brackets.

    Of a wildcard's two sides either may be named from 28.3 on: the engine looks through a map.
    """
    sides = (address, "::") if address == "0.0.0.0" else (address,)
    return tuple(f"Bind for {side}:{port} failed: port is already allocated" for side in sides)
