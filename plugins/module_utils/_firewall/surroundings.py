# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What a policy is laid out around: the engine's bridges, interfaces that only look like them, published ports."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.published import Published

ALWAYS = ("docker0", "docker_gwbridge")  # the default bridge, and swarm's
PATTERN = "br-"  # a network's bridge is br- and the first twelve digits of its id, unless the network says otherwise

_OF_A_NETWORK = re.compile(r"br-[0-9a-f]{12}\Z")


class Link(t.NamedTuple):
    """An interface of the host. kind: as the kernel calls it: bridge, veth, vlan, ...; empty for hardware."""

    name: str
    kind: str


@dataclass(frozen=True)
class Surroundings:
    """bridges: the engine's that their names do not tell. foreign: interfaces called br-* that are not the engine's.

    A bridge that is made later is known by its name before anybody looks again, so that nothing is open, and nothing
    between containers is closed, in between.
    """

    bridges: t.Tuple[str, ...] = ()
    foreign: t.Tuple[str, ...] = ()
    published: t.Tuple[Published, ...] = ()

    @property
    def current(self) -> t.Tuple[Published, ...]:
        """What is published now; the rest was so until lately."""
        return tuple(one for one in self.published if one.turned or one.proxied)


def tells(name: str) -> bool:
    """Whether the name alone says that a bridge is the engine's."""
    return name in ALWAYS or _OF_A_NETWORK.match(name) is not None


def of(links: t.Iterable[Link], remembered: t.Collection[str], published: t.Tuple[Published, ...]) -> Surroundings:
    """remembered: the engine's bridges that their names do not tell; one that is not there may come back any moment."""
    bridges = {name for name in remembered if not name.startswith(PATTERN)}
    foreign = set()
    for link in links:
        docker = link.kind == "bridge" and (link.name in remembered or tells(link.name))
        if link.name.startswith(PATTERN) and not docker:
            foreign.add(link.name)
    return Surroundings(tuple(sorted(bridges)), tuple(sorted(foreign)), published)
