#!/usr/bin/python
# Copyright (c) Dockmaster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: remediate_plan
short_description: Plan which remedy each finding of a host gets
version_added: 1.0.0
description:
  - Gives each finding the gentlest of its remedies that is allowed. What several findings share is one step. A finding
    without an allowed remedy is left, with the reason.
  - Steps go from gentle to harsh. A restart of the engine comes last.
  - Runs on the controller. No host is contacted and nothing is done. Role C(remediate) takes the steps.
extends_documentation_fragment:
  - dockmaster.ports._attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: N/A
    details:
      - This action changes no host.
  idempotent:
    support: full
  platform:
    support: full
    platforms: all
options:
  allow:
    description: The remedies that may be taken, by their ids.
    type: list
    elements: str
    default: []
  findings:
    description:
      - Findings of M(dockmaster.ports.port_check), or its whole result, or one of
        P(dockmaster.ports.diagnose#filter).
      - Without it and O(report), what an audit finds in the facts that M(dockmaster.ports.port_facts) gathered of the
        host.
    type: raw
  report:
    description: The file C(ports-audit.json) that an audit wrote. The entry of the host is taken.
    type: path
  chores:
    description:
      - What no finding offers, by the remedy's id, with its parameters. C(prune_networks) and
        C(remove_stale_containers). They are done if O(allow) names them.
    type: dict
    default: {}
  about:
    description: Keys of findings of an earlier plan, to be told in RV(still) and RV(doubt) what became of them.
    type: list
    elements: str
    default: []
  known:
    description: Keys of all findings before, as RV(known), to be told in RV(taken) who took the place of a holder.
    type: list
    elements: str
    default: []
seealso:
  - module: dockmaster.ports.port_check
  - ref: dockmaster.ports.remediate role <ansible_collections.dockmaster.ports.remediate_role>
    description: Takes the steps.
author:
  - Dockmaster contributors (@dockmaster)
"""

EXAMPLES = r"""
- name: Ask for ports
  dockmaster.ports.port_check:
    publish: ["443:8443"]
    fail_on: never
  register: checked

- name: Plan
  dockmaster.ports.remediate_plan:
    findings: "{{ checked }}"
    allow: [stop_unit]
  register: planned
"""

RETURN = r"""
steps:
  description: The remedies to take, in their order.
  returned: success
  type: list
  elements: dict
  contains:
    remedy:
      description: Its id.
      type: str
      returned: always
    summary:
      description: What it does.
      type: str
      returned: always
    disrupts:
      description: What it stops or closes. Empty where nothing.
      type: str
      returned: always
    params:
      description: What it acts on.
      type: dict
      returned: always
    why:
      description: The findings that it is for, a sentence each.
      type: list
      elements: str
      returned: always
    about:
      description: The same findings, as keys.
      type: list
      elements: str
      returned: always
    wants:
      description: What is wanted there.
      type: list
      elements: dict
      returned: always
left:
  description: Findings that are left alone. C(summary) and C(why).
  returned: success
  type: list
  elements: dict
wants:
  description: All that was judged, as O(dockmaster.ports.port_check#module:publish) takes it.
  returned: success
  type: list
  elements: dict
still:
  description: Those of O(about) whose finding is still so, with the very same holder.
  returned: success
  type: list
  elements: str
taken:
  description: What stands in the way of the same wants and is not in O(known), a sentence each.
  returned: success
  type: list
  elements: str
known:
  description: Keys of all findings.
  returned: success
  type: list
  elements: str
doubt:
  description: Why it is not known whether the others are gone. Empty where it is known.
  returned: success
  type: str
"""
