# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: diagnose
short_description: Judge published ports against gathered facts
version_added: 1.0.0
description:
  - Says of each published port whether it would be V(free), V(blocked), V(diverted), V(at_risk) or V(unknown) on the
    host that the facts are of, as M(dockmaster.ports.port_check) does, from the facts alone.
  - Works on facts just gathered, on cached ones and on those of a saved report. No host is contacted.
  - Facts hold no bind probe. What only a bind can tell makes a verdict V(unknown), and so do connections from ports
    that were not in O(dockmaster.ports.port_facts#module:focus).
positional: publish
options:
  _input:
    description: The evidence, what M(dockmaster.ports.port_facts) returns as C(ansible_facts.ports).
    type: dict
    required: true
  publish:
    description: As O(dockmaster.ports.port_check#module:publish).
    type: list
    elements: raw
    required: true
  by:
    description: As O(dockmaster.ports.port_check#module:by).
    type: str
    default: ""
  policy:
    description: As O(dockmaster.ports.port_check#module:port_policy).
    type: dict
author:
  - Dockmaster contributors (@dockmaster)
seealso:
  - module: dockmaster.ports.port_check
  - module: dockmaster.ports.port_facts
"""

EXAMPLES = r"""
- name: Show who is in the way on every host of the fleet
  ansible.builtin.debug:
    msg: "{{ (ansible_facts['ports'] | dockmaster.ports.diagnose(['443:8443'], by='shop/web')).msg }}"
"""

RETURN = r"""
_value:
  description:
    - The same mapping that M(dockmaster.ports.port_check) returns, without C(evidence) and without suggestions.
    - RV(dockmaster.ports.port_check#module:wants), RV(dockmaster.ports.port_check#module:findings),
      RV(dockmaster.ports.port_check#module:unjudged), RV(dockmaster.ports.port_check#module:ok) and
      RV(dockmaster.ports.port_check#module:msg).
  type: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.dockmaster.ports.plugins.module_utils._causes.catalogue import CAUSES
from ansible_collections.dockmaster.ports.plugins.module_utils._core import diagnosis
from ansible_collections.dockmaster.ports.plugins.module_utils._core.load import load
from ansible_collections.dockmaster.ports.plugins.module_utils._core.policy import policy_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import wants_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.result import as_plain


def diagnose(evidence: t.Any, publish: t.Any, by: str = "", policy: t.Any = None) -> dict[str, t.Any]:
    try:
        conventions = policy_of(policy) if policy else None
        return as_plain(diagnosis.diagnose(load(evidence), wants_of(publish, by), CAUSES, conventions))
    except ValueError as exc:
        raise AnsibleFilterError(f"dockmaster.ports.diagnose: {exc}") from exc


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"diagnose": diagnose}
