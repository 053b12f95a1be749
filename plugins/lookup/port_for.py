# Copyright (c) Dockmaster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: port_for
short_description: Give names ports of a band, the same ones every time
version_added: 1.0.0
description:
  - Does what P(dockmaster.ports.port_for#filter) does, with the inventory's own registry and policy.
extends_documentation_fragment: dockmaster.ports._port_for
options:
  _terms:
    description: Names such as V(shop/web).
    type: list
    elements: str
    required: true
  policy:
    description:
      - Conventions, as P(dockmaster.ports.port_policy_findings#filter) takes them. Its C(bands) are read.
      - If not set, variable C(port_policy) of the host, where there is one.
    type: dict
  registry:
    description:
      - Path of the registry on the controller. It is made if not there.
      - If not set, C(port_registry.yml) beside the inventory. Where the inventory is a directory itself, Ansible takes
        each file in it for an inventory, so put the registry elsewhere.
    type: path
  evidence:
    description: As O(dockmaster.ports.port_for#filter:evidence).
    type: raw
  prune:
    description: As O(dockmaster.ports.port_for#filter:prune).
    type: bool
    default: false
  write:
    description: As O(dockmaster.ports.port_for#filter:write). In check mode the registry is never written.
    type: bool
    default: true
author:
  - Dockmaster contributors (@dockmaster)
seealso:
  - plugin: dockmaster.ports.port_for
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Publish on the port that is the shop's
  community.docker.docker_container:
    name: shop
    image: shop:2
    published_ports: ["{{ lookup('dockmaster.ports.port_for', 'shop/web', band='api') }}:80"]
"""

RETURN = r"""
_raw:
  description: The ports, in the order of the names.
  type: list
  elements: int
"""

import os
import typing as t

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.dockmaster.ports.plugins.plugin_utils._allocate.ask import DEFAULTS, ports_for


class LookupModule(LookupBase):
    def run(self, terms: list[t.Any], variables: t.Any = None, **kwargs: t.Any) -> list[int]:
        self.set_options(var_options=variables, direct=kwargs)
        known = variables or {}
        options = {**kwargs, **{name: self.get_option(name) for name in DEFAULTS}}  # what there is not is refused
        options["registry"] = options["registry"] or self._beside_inventory(known)
        if options["policy"] is None and "port_policy" in known:
            options["policy"] = self._templar.template(known["port_policy"])
        options["write"] = options["write"] and not known.get("ansible_check_mode")
        try:
            found = ports_for(terms, options)
        except ValueError as exc:
            raise AnsibleLookupError(str(exc)) from exc  # ansible-core 2.19 says whose it is
        return [found[name] for name in terms]

    @staticmethod
    def _beside_inventory(known: t.Mapping[str, t.Any]) -> str:
        folder = known.get("inventory_dir")
        if not folder:
            raise AnsibleLookupError("registry: the inventory is no file, so name a registry")
        return os.path.join(folder, "port_registry.yml")
