#!/usr/bin/python
# Copyright (c) Dockmaster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: remediate_report
short_description: Print what role remediate did, or would do
version_added: 1.0.0
description:
  - Prints one table of the host, or one list over many hosts. It says what was done, what was not, and why.
  - Runs on the controller. No host is contacted.
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
  hosts:
    description: Print one list over these hosts. Otherwise the table of this host.
    type: list
    elements: str
  gathered:
    description: Name of the variable in which a task was registered that tells which hosts were not reached.
    type: str
seealso:
  - module: dockmaster.ports.remediate_plan
author:
  - Dockmaster contributors (@dockmaster)
"""

EXAMPLES = r"""
- name: Say what was done on all hosts
  dockmaster.ports.remediate_report:
    hosts: "{{ ansible_play_hosts_all }}"
  run_once: true
"""

RETURN = r"""
msg:
  description: All of it in one line.
  returned: success
  type: str
  sample: "2 hosts: 1 left, 3 done"
failed_hosts:
  description: Hosts on which a remedy failed or did not help, or that have no plan.
  returned: success
  type: list
  elements: str
"""
