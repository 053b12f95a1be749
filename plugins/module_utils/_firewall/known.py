# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Ports that were published until lately and may be again in a moment: a container, the engine or the host restarts.

Without a rule in between, a port would be open, through its proxy, until somebody looks. So a rule stays for GRACE
seconds after its port is gone. It hurts nobody, as nobody is there: as soon as a program that is not the engine's
listens on the port, it is the host's own, and the rule goes.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import files
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.published import Published
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.system import System
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.view import View

GRACE = 600.0  # seconds

Port = t.Tuple[int, str, str, int]  # family, protocol, ip, port
Known = t.Dict[Port, t.Optional[float]]  # since when it is gone, in seconds since the epoch; None: it is published


def load(system: View) -> Known:
    """What was published when somebody looked last. A file that is not whole is as good as none: it is written anew."""
    if not system.exists(files.KNOWN):
        return {}
    try:
        return {(int(f), str(p), str(ip), int(n)): gone for (f, p, ip, n), gone in json.loads(system.read(files.KNOWN))}
    except (ValueError, TypeError):
        return {}


def save(system: System, known: Known) -> None:
    """Keep it, if it is not what is kept. Raises OSError."""
    text = json.dumps(sorted(known.items()))
    if not system.exists(files.KNOWN) or system.read(files.KNOWN) != text:
        system.write(files.KNOWN, text)


def carry_on(
    known: Known, published: t.Iterable[Published], listened: t.Collection[t.Tuple[str, int]], now: float
) -> Known:
    """What is known now: all that is published, and what was so until lately.

    listened: (protocol, port) of the sockets that were there before proxies were looked for; now: since the epoch.
    """
    current: Known = {port: None for one in published for port in _ports(one)}
    gone = {port: since or now for port, since in known.items() if port not in current}
    kept = {
        port: since for port, since in gone.items() if 0 <= now - since < GRACE and (port[1], port[3]) not in listened
    }
    return {**kept, **current}


def absent(known: Known) -> t.List[Published]:
    """The ports that are not published now, and whose rules stay."""
    return [
        Published(family, protocol, ip, port, port)
        for (family, protocol, ip, port), gone in known.items()
        if gone is not None
    ]


def _ports(one: Published) -> t.Iterator[Port]:
    for port in range(one.first, one.last + 1):
        yield one.family, one.protocol, one.ip, port
