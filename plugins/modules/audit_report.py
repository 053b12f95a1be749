#!/usr/bin/python
# Copyright (c) Dockmaster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: audit_report
short_description: Judge the gathered port facts of a fleet, print them and write a report
version_added: 1.0.0
description:
  - Judges the facts that M(dockmaster.ports.port_facts) gathered of every host of the play, or has in the fact cache.
    Each configured port of each container is a want of its own.
  - Prints a block a host, the worst first, with the next step beside each finding, and what was not seen.
  - Writes one JSON and one Markdown report on the controller, in check mode too.
  - Runs on the controller. No host is contacted. Run it once for all hosts of the play.
extends_documentation_fragment:
  - dockmaster.ports._attributes
attributes:
  check_mode:
    support: full
    details:
      - The reports are written in check mode too. They are what an audit is for, and no host changes.
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
  hosts:
    description:
      - The hosts to report. All hosts of the play if not set.
    type: list
    elements: str
  gathered:
    description:
      - Name of the variable in which the task that gathered the facts was registered. It tells which hosts were not
        reached, or failed, and why.
    type: str
  report_dir:
    description:
      - Folder on the controller for C(ports-audit.json) and C(ports-audit.md). Nothing is written if not set.
    type: path
  port_policy:
    description:
      - Conventions, as O(dockmaster.ports.port_policy_findings#filter:policy), that the ports of every host are held
        against. The variable C(port_policy) of each host if not set.
    type: dict
author:
  - Dockmaster contributors (@dockmaster)
seealso:
  - module: dockmaster.ports.port_facts
"""

EXAMPLES = r"""
- name: Gather
  dockmaster.ports.port_facts:
  register: gathered
  ignore_unreachable: true
  failed_when: false

- name: Report
  dockmaster.ports.audit_report:
    gathered: gathered
    report_dir: reports
  run_once: true
"""

RETURN = r"""
msg:
  description: The fleet in one line.
  returned: success
  type: str
  sample: "2 hosts: 1 with findings (1 blocked, 1 open), 1 not audited"
hosts:
  description: What was found, a mapping a host.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The host's name in the inventory.
      type: str
      returned: always
    failed:
      description: Why there are no facts of it. Empty where there are.
      type: str
      returned: always
    summary:
      description: Its engines, listeners and published ports in one line.
      type: str
      returned: always
    lines:
      description:
        - The findings, the worst first. C(level) (V(exposed), V(blocked), V(diverted), V(at_risk), V(orphan),
          V(policy) or V(open)), C(by), C(text) and C(next).
      type: list
      elements: dict
      returned: always
    unseen:
      description: What was not seen, and how to see it.
      type: list
      elements: str
      returned: always
    partial:
      description:
        - Whether containers, or all of something else, are part of that. To have found nothing does not mean that
          nothing is wrong then.
      type: bool
      returned: always
reports:
  description: Paths of the reports, C(json) and C(markdown).
  returned: success
  type: dict
"""
