#!/usr/bin/python
# Copyright (c) Dockmaster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: preflight_report
short_description: Print what port_check found on every host of the play, before anything is started
version_added: 1.0.0
description:
  - Prints a block a host, the worst first, with what M(dockmaster.ports.port_check) found, the next step beside each
    finding, and what was not seen.
  - Says of each host whether a deployment should stop there. It does not fail itself, so that all hosts are reported
    before any fails.
  - Runs on the controller, for each host of the play. No host is contacted. The first host prints for all.
  - Role P(dockmaster.ports.preflight#role) puts it to use.
extends_documentation_fragment:
  - dockmaster.ports._attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: N/A
    details:
      - This action changes nothing.
  idempotent:
    support: full
  platform:
    support: full
    platforms: all
options:
  checked:
    description:
      - Name of the variable in which M(dockmaster.ports.port_check), with
        O(dockmaster.ports.port_check#module:fail_on=never), was registered.
    type: str
    required: true
  fail_on:
    description:
      - What stops a deployment, as O(dockmaster.ports.port_check#module:fail_on). A host that was not reached or not
        checked stops it too, unless V(never).
    type: str
    choices: [never, blocked, diverted, at_risk, unknown]
    default: diverted
  enforce_policy:
    description:
      - What goes against the policy (cause V(policy)) stops a deployment too, whatever O(fail_on) says but V(never).
    type: bool
    default: true
  complete:
    description:
      - Hosts that have dropped out of the play before they could be checked, because they were not reached or failed,
        should stop it too. The host that prints for all is refused for them.
    type: bool
    default: true
author:
  - Dockmaster contributors (@dockmaster)
seealso:
  - module: dockmaster.ports.port_check
"""

EXAMPLES = r"""
- name: Check
  dockmaster.ports.port_check:
    project_dir: files/shop
    fail_on: never
  register: checked
  ignore_unreachable: true
  failed_when: false

- name: Print
  dockmaster.ports.preflight_report:
    checked: checked
  register: reported

- name: Stop before the first container moves
  ansible.builtin.fail:
    msg: "{{ reported.msg }}"
  when: reported.refused
  any_errors_fatal: true
"""

RETURN = r"""
msg:
  description: Why nothing should be started on this host, with what to do about it, or V(go).
  returned: success
  type: str
  sample: >-
    shop/web wants *:443/tcp, but nginx.service (pid 812) has *:443/tcp
    (next: publish shop/web on another host port or address (444:8443 is free), or: remediate with stop_unit)
refused:
  description: Whether a deployment should stop there.
  returned: success
  type: bool
host:
  description: What was found on this host.
  returned: success
  type: dict
  contains:
    name:
      description: The host's name in the inventory.
      type: str
      returned: always
    failed:
      description: Why it was not checked. Empty where it was.
      type: str
      returned: always
    summary:
      description: How many published ports are wanted, and which of them are free.
      type: str
      returned: always
    lines:
      description:
        - The findings, the worst first. C(level) (V(blocked), V(diverted), V(at_risk), V(policy) or V(unknown)), C(by),
          C(text) and C(next).
      type: list
      elements: dict
      returned: always
    unseen:
      description: What was not seen, and how to see it.
      type: list
      elements: str
      returned: always
"""
