# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: port_for
short_description: Give a name a port of a band, the same one every time
version_added: 1.0.0
description:
  - Gives each name the port of a band that its hash points to, so that every run and every controller gives the same.
  - With O(registry), a file keeps what was given out. Names whose hashes meet get ports of their own, an entry that is
    there stays as it is, and so does one that was written by hand.
  - Without O(registry), two names that are not asked for together may get one port.
positional: band
extends_documentation_fragment: dockmaster.ports._port_for
options:
  _input:
    description: One name, such as V(shop/web), or a list of them. Their order does not matter.
    type: raw
    required: true
  registry:
    description:
      - Path of the registry on the controller, often C(port_registry.yml) in the inventory. It is made if not there.
      - Where the inventory is a directory, Ansible takes each file in it for an inventory. Put the registry elsewhere.
    type: path
  evidence:
    description:
      - What M(dockmaster.ports.port_facts) returns as C(ansible_facts.ports). A new name gets no port that something
        else has on this host, that is promised, or that the kernel may give away.
      - Of several hosts, a list.
    type: raw
  prune:
    description: Take other names out of the registry, of this band, and of this stack if there is one.
    type: bool
    default: false
  write:
    description: Write the registry. Where not, as in check mode, the ports are those that would be written.
    type: bool
    default: true
author:
  - Dockmaster contributors (@dockmaster)
seealso:
  - plugin: dockmaster.ports.port_for
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Publish on the port that is the shop's
  community.docker.docker_container:
    name: shop
    image: shop:2
    published_ports: ["{{ port }}:80"]
  vars:
    port: >-
      {{ 'shop/web' | dockmaster.ports.port_for('api', policy=port_policy,
         registry=inventory_dir ~ '/port_registry.yml') }}

- name: Give every service of a branch a port of the branch's block
  ansible.builtin.copy:
    content: |
      WEB_PORT={{ ports['shop/web'] }}
      DB_PORT={{ ports['shop/db'] }}
    dest: /srv/shop-{{ branch }}/.env
    mode: "0644"
  vars:
    ports: "{{ ['shop/web', 'shop/db'] | dockmaster.ports.port_for('8000-8999', stack=branch, registry=registry) }}"
    registry: "{{ inventory_dir }}/port_registry.yml"
"""

RETURN = r"""
_value:
  description: The port of one name. Of a list, a mapping of names to ports.
  type: raw
  sample: 3007
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.dockmaster.ports.plugins.plugin_utils._allocate.ask import ports_for


def port_for(names: t.Any, band: t.Any = "", **options: t.Any) -> int | dict[str, int]:
    listed = list(names) if isinstance(names, (list, tuple)) else [names]
    try:
        found = ports_for(listed, {"band": band, **options})
    except ValueError as exc:
        raise AnsibleFilterError(f"dockmaster.ports.port_for: {exc}") from exc
    return found if isinstance(names, (list, tuple)) else found[names]


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"port_for": port_for}
