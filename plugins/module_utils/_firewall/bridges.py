# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Bridges of the engine's that have names of their own (com.docker.network.bridge.name), remembered.

Only the engine's rules tell that such a bridge is its. While a host boots, or after a flush, there are none, and a
policy that does not know the bridge does not hold for who is behind it. So its name stays for GRACE seconds after no
rule tells of it. It hurts nobody: nothing else is called so, or it is no bridge and does not count.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import files
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.surroundings import Link, tells
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.system import System
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.view import View

GRACE = 30 * 86400.0  # seconds

Remembered = t.Dict[str, t.Optional[float]]  # since when no rule names it, in seconds since the epoch; None: one does


def load(system: View) -> Remembered:
    """What was known when somebody looked last. A file that is not whole is as good as none: it is written anew."""
    if not system.exists(files.BRIDGES):
        return {}
    try:
        found = json.loads(system.read(files.BRIDGES)).items()
        return {str(name): None if gone is None else float(gone) for name, gone in found}
    except (ValueError, TypeError, AttributeError):
        return {}


def save(system: System, remembered: Remembered) -> None:
    """Keep it, if it is not what is kept. Raises OSError."""
    text = json.dumps(remembered, sort_keys=True)
    if text != (system.read(files.BRIDGES) if system.exists(files.BRIDGES) else "{}"):
        system.write(files.BRIDGES, text)


def carry_on(before: Remembered, named: t.Collection[str], links: t.Iterable[Link], now: float) -> Remembered:
    """named: what the engine's rules call its bridges; now: since the epoch."""
    kinds = {link.name: link.kind for link in links}
    current: Remembered = {name: None for name in named if kinds.get(name) == "bridge" and not tells(name)}
    gone = {name: since or now for name, since in before.items() if name not in current}
    kept = {
        name: since
        for name, since in gone.items()
        if kinds.get(name, "bridge") == "bridge" and 0 <= now - since < GRACE
    }
    return {**kept, **current}
