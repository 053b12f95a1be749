# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: free_ports
short_description: Find ports of a band that nothing on a host claims
version_added: 1.0.0
description:
  - Lists ports of a band on which nothing that gathered facts show would stand in the way of a published port, neither
    a socket nor a stopped container, a NAT rule, an ephemeral range or a socket unit.
  - Facts are of the time they were gathered, and hold no bind probe. M(dockmaster.ports.port_check) has the last word.
  - Fails where the facts lack what that cannot be said without, C(sockets), C(publications) (all of them), C(nat) or
    C(kernel), and where they are not about the engine's ports, as of an engine on another host.
positional: band
options:
  _input:
    description: The evidence, what M(dockmaster.ports.port_facts) returns as C(ansible_facts.ports).
    type: dict
    required: true
  band:
    description: First and last port, such as V(8000-8999).
    type: str
    required: true
  count:
    description: How many ports, at most.
    type: int
    default: 1
  near:
    description: The port to be near to. The band's first if not set.
    type: int
  protocol:
    description: Protocol that the port must be free for, on every address.
    type: str
    choices: [tcp, udp, sctp]
    default: tcp
author:
  - Dockmaster contributors (@dockmaster)
seealso:
  - module: dockmaster.ports.port_check
"""

EXAMPLES = r"""
- name: Pick three ports for this host
  ansible.builtin.set_fact:
    app_ports: "{{ ansible_facts['ports'] | dockmaster.ports.free_ports('8000-8999', count=3) }}"
"""

RETURN = r"""
_value:
  description: The ports, nearest first. Fewer than asked for, or none, where the band has no more.
  type: list
  elements: int
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.dockmaster.ports.plugins.module_utils._core import free
from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import ANY, PROTOCOLS, Binding
from ansible_collections.dockmaster.ports.plugins.module_utils._core.claims import claims_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.elsewhere import of_the_engine
from ansible_collections.dockmaster.ports.plugins.module_utils._core.load import load

NEEDED = ("sockets", "publications", "nat", "kernel")
WHOLE = ("publications",)
"""Of these no part may be missing either: what was not seen is who would not be found otherwise."""


def free_ports(evidence: t.Any, band: str, count: int = 1, *, near: int = 0, protocol: str = "tcp") -> list[int]:
    try:
        facts = of_the_engine(load(evidence))
        unseen = [facts.unseen(section) for section in NEEDED if facts.unseen(section)]
        unseen += [str(one) for one in facts.blind if one.section in WHOLE and one.part and one.hides]
        if unseen:
            raise ValueError(f"the facts do not show what is taken: {'; '.join(dict.fromkeys(unseen))}")
        if protocol not in PROTOCOLS:
            raise ValueError(f"protocol: {protocol!r} is not one of {', '.join(PROTOCOLS)}, such as 'tcp'")
        like = Binding(ANY, protocol, near, near)
        return free.free_ports([claim.binding for claim in claims_of(facts)], like, free.band_of(band), count)
    except ValueError as exc:
        raise AnsibleFilterError(f"dockmaster.ports.free_ports: {exc}") from exc


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"free_ports": free_ports}
