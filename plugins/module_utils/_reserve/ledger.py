# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The file that keeps reservations over a reboot, and that remembers which of them are ours.

sysctl knows no "add": the last file that sets a key wins. So the file holds what is ours and what the others have, each
on a line of its own, and below it their union for the kernel.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.ports import (
    NONE,
    Ports,
    PortsError,
    parse,
    text,
)

KEY = "net.ipv4.ip_local_reserved_ports"

_HEAD = """\
# Managed by dockmaster.ports.port_reservation, which also keeps its state here: do not edit.
# The kernel never draws these ports for outgoing connections.
"""
_OURS = re.compile(r"# for (\S+): (\S+)")
_FOUND = re.compile(r"# reserved already when they were asked for: (\S+)")


class NotOurs(ValueError):
    """A file of the ledger's name that somebody else wrote."""


@dataclass(frozen=True)
class Ledger:
    """sets: our ports, by the name they were asked for under.

    found: those of them that somebody else had reserved already: they are not ours to release.
    """

    sets: t.Mapping[str, Ports]
    found: Ports = NONE

    @property
    def ports(self) -> Ports:
        return frozenset().union(*self.sets.values())

    def with_set(self, name: str, ports: Ports, live: Ports) -> Ledger:
        """The same with a set as given. live: what is reserved now; what is there already and not ours stays theirs."""
        sets = {**self.sets, name: ports}
        if not ports:
            del sets[name]
        found = self.found | ((ports - self.ports) & live)
        ledger = Ledger(dict(sorted(sets.items())), found)
        return replace(ledger, found=found & ledger.ports)

    def write(self, others: Ports) -> str:
        """The file's text; empty where nothing is ours. others: what other files reserve at boot."""
        if not self.sets:
            return ""
        lines = [f"# for {name}: {text(ports)}\n" for name, ports in self.sets.items()]
        if self.found:
            lines.append(f"# reserved already when they were asked for: {text(self.found)}\n")
        if others - self.ports:
            lines.append(f"# of other files: {text(others - self.ports)}\n")
        return _HEAD + "".join(lines) + f"{KEY} = {text(self.ports | others)}\n"


def read(path: str, content: str) -> Ledger:
    """Raises NotOurs, PortsError."""
    if not content:
        return Ledger({})
    if not content.startswith(_HEAD):
        raise NotOurs(f"{path} was not written by dockmaster.ports.port_reservation: it is left alone")
    sets, found = {}, NONE
    for line in content.splitlines():
        ours, theirs = _OURS.fullmatch(line), _FOUND.fullmatch(line)
        try:
            if ours:
                sets[ours[1]] = parse(ours[2])
            elif theirs:
                found = parse(theirs[1])
        except PortsError as exc:
            raise PortsError(f"{path}: {exc}") from exc
    return Ledger(sets, found)
