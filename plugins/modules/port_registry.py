#!/usr/bin/python
# Copyright (c) Dockmaster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: port_registry
short_description: Give names ports of a band that stay theirs, in a registry on the controller
version_added: 1.0.0
description:
  - Gives each name a port of a band, as P(dockmaster.ports.port_for#filter) does, and keeps it in a registry, a YAML
    file with a line a name that is made for version control.
  - As a task, it says whether the registry changes, and how, in check mode too.
  - Runs on the controller. No host is contacted.
extends_documentation_fragment:
  - dockmaster.ports._attributes
  - dockmaster.ports._port_for
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
  platform:
    support: full
    platforms: all
options:
  names:
    description: Names such as V(shop/web). Their order does not matter.
    type: list
    elements: str
    required: true
  registry:
    description:
      - Path of the registry on the controller. It is made if not there.
      - Where the inventory is a directory, Ansible takes each file in it for an inventory. Put the registry elsewhere.
    type: path
    required: true
  avoid_hosts:
    description:
      - Hosts whose gathered facts (M(dockmaster.ports.port_facts)) say which ports a new name must not get, because
        something else has them there, is promised them, or the kernel may give them away.
    type: list
    elements: str
  state:
    description: With V(absent), the names are taken out, and the block of O(stack) if no name is left in it.
    type: str
    choices: [absent, present]
    default: present
author:
  - Dockmaster contributors (@dockmaster)
seealso:
  - plugin: dockmaster.ports.port_for
    plugin_type: filter
  - plugin: dockmaster.ports.port_for
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Gather what is taken
  dockmaster.ports.port_facts:
  become: true

- name: Give the shop its ports
  dockmaster.ports.port_registry:
    names: [shop/web, shop/db]
    band: api
    policy: "{{ port_policy }}"
    registry: "{{ inventory_dir }}/port_registry.yml"
    avoid_hosts: ["{{ inventory_hostname }}"]
  register: shop

- name: Take back what a branch had
  dockmaster.ports.port_registry:
    names: [shop/web, shop/db]
    band: 8000-8999
    stack: feature-x
    registry: "{{ inventory_dir }}/port_registry.yml"
    state: absent
"""

RETURN = r"""
ports:
  description: The port of each name. Empty with O(state=absent).
  returned: success
  type: dict
  sample: {shop/web: 3030, shop/db: 3045}
"""
