# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The ports that a task names: `8080`, `8000-8010`, `53/udp`."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.rows import Wish
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.ports import NONE, Ports, PortsError, parse

PROTOCOLS = ("tcp", "udp")
BOTH = "both"


def wishes(ranges: t.Iterable[str], protocol: str, state: str, store: str) -> t.Dict[str, Wish]:
    """A wish a protocol. protocol: tcp, udp or both, of ranges that name none. Raises PortsError.

    With state exactly, protocols that no range names and `protocol` does not say are left alone.
    """
    named: t.Dict[str, Ports] = {}
    if state == "exactly":
        named = dict.fromkeys(_protocols(protocol), NONE)
    for text in ranges:
        numbers, slash, own = str(text).strip().partition("/")
        if slash and own not in (*PROTOCOLS, BOTH):
            raise PortsError(f"{text!r} has protocol {own!r}: expected tcp, udp or both, such as 53/udp")
        if not numbers.strip():
            raise PortsError(f"{text!r} is not a port or a range of ports, such as 8080, 8000-8010 or 53/udp")
        for name in _protocols(own or protocol):
            named[name] = named.get(name, NONE) | parse(numbers, lowest=1)
    return {name: Wish(named[name], state, store) for name in PROTOCOLS if name in named}


def _protocols(protocol: str) -> t.Tuple[str, ...]:
    return PROTOCOLS if protocol == BOTH else (protocol,)
