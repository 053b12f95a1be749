#!/usr/bin/python
# Copyright (c) Dockmaster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: docker_stale_networks
short_description: Remove networks that no container uses
version_added: 1.0.0
description:
  - Removes networks of the engine that no container uses and that match all that is given.
  - Networks of containers that do not run stay. C(docker network prune) removes those, and the containers cannot be
    started any more.
  - The engine's own networks and those of a swarm stay.
extends_documentation_fragment:
  - dockmaster.ports._attributes
  - dockmaster.ports._engine
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
  platform:
    support: full
    platforms: linux
options:
  older_than:
    description: Only those that were made at least so long ago, such as V(30d).
    type: str
  labels:
    description: Only those with all of these labels, C(KEY) or C(KEY=VALUE).
    type: list
    elements: str
  name:
    description: Only those whose name this regular expression finds. Use C(^) and C($) for the whole name.
    type: str
  project:
    description: Only those of this Compose project.
    type: str
notes:
  - Without O(docker_host), the networks of the engine at C(unix:///var/run/docker.sock) are meant. An engine that does
    not run is not woken.
seealso:
  - module: dockmaster.ports.docker_stale_containers
author:
  - Dockmaster contributors (@dockmaster)
"""

EXAMPLES = r"""
- name: Remove networks that nobody has used for a month
  dockmaster.ports.docker_stale_networks:
    older_than: 30d
"""

RETURN = r"""
removed:
  description: The networks that are removed.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Its full id.
      type: str
    name:
      description: Its name.
      type: str
    driver:
      description: Its driver.
      type: str
    made:
      description: When it was made, in seconds since the epoch. Null if nothing tells.
      type: float
    subnets:
      description: Its subnets, which are free again.
      type: list
      elements: str
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.dockmaster.ports.plugins.module_utils._archive import compile_once

compile_once()

from ansible_collections.dockmaster.ports.plugins.module_utils._arguments import ENGINE_ARGUMENTS, host_of, tls_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.dump import dump
from ansible_collections.dockmaster.ports.plugins.module_utils._engine_action import EngineAction
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._stale import networks
from ansible_collections.dockmaster.ports.plugins.module_utils._stale.engine import endpoint_of, remove_all
from ansible_collections.dockmaster.ports.plugins.module_utils._stale.wish import wish_of


def run(module: AnsibleModule, host: Host) -> t.Dict[str, t.Any]:
    """Raises ValueError, Unseen."""
    params = module.params
    wish = wish_of(params)
    endpoint = endpoint_of(host, params["docker_host"])
    found = networks.find(host, endpoint, wish)
    action = EngineAction(endpoint, tls_of(params))
    if not module.check_mode:
        remove_all(found, lambda one: networks.remove(action, one))
    lines = [f"network {one.name} ({one.driver}, {', '.join(one.subnets) or 'no subnet'})\n" for one in found]
    diff = {"before_header": endpoint, "after_header": endpoint, "before": "".join(lines), "after": ""}
    return {"changed": bool(found), "removed": dump(found), "diff": diff if found else []}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "older_than": {"type": "str"},
            "labels": {"type": "list", "elements": "str"},
            "name": {"type": "str"},
            "project": {"type": "str"},
            **ENGINE_ARGUMENTS,
        },
        supports_check_mode=True,
    )
    try:
        result = run(module, host_of(module.params))
    except (ValueError, Unseen) as exc:
        module.fail_json(msg=str(exc))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
