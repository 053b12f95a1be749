# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: claims
short_description: List who holds what on a host
version_added: 1.0.0
description:
  - Joins all sections of gathered facts to one list, a binding a row, with what happens to the next one who binds it,
    and whom to act on. A docker-proxy's socket and the container it serves are one row.
options:
  _input:
    description: The evidence, what M(dockmaster.ports.port_facts) returns as C(ansible_facts.ports).
    type: dict
    required: true
author:
  - Dockmaster contributors (@dockmaster)
seealso:
  - module: dockmaster.ports.port_facts
"""

EXAMPLES = r"""
- name: Name the containers and units that have ports
  ansible.builtin.debug:
    msg: "{{ item.binding }} {{ item.hold }}: {{ item.holder.name }}"
  loop: "{{ ansible_facts['ports'] | dockmaster.ports.claims }}"
  loop_control:
    label: "{{ item.binding }}"
"""

RETURN = r"""
_value:
  description:
    - A list of mappings with C(binding), C(hold) (V(bound), V(excluded), V(diverted), V(promised) or V(drawn)) and
      C(holder) (as RV(dockmaster.ports.port_check#module:findings[].holder)), by protocol, port and address.
  type: list
  elements: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.dockmaster.ports.plugins.module_utils._core.claims import claims_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.dump import dump
from ansible_collections.dockmaster.ports.plugins.module_utils._core.load import load


def claims(evidence: t.Any) -> list[dict[str, t.Any]]:
    try:
        found = claims_of(load(evidence))
    except ValueError as exc:
        raise AnsibleFilterError(f"dockmaster.ports.claims: {exc}") from exc
    ranked = sorted(found, key=lambda claim: (claim.binding.protocol, claim.binding.first, claim.binding.ip))
    return [{"binding": str(claim.binding), "hold": claim.hold.value, "holder": dump(claim.holder)} for claim in ranked]


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"claims": claims}
