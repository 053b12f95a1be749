#!/usr/bin/python
# Copyright (c) Dockmaster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: docker_stale_containers
short_description: Remove containers that do not run and that nobody will miss
version_added: 1.0.0
description:
  - Removes containers that do not run and that match all that is given, never their volumes, and says what each of them
    would have published if it had been started again.
  - A stopped container holds no port. Removing it frees nothing now; it only keeps the container from wanting its port
    again.
  - A container that runs by the time it is to be removed stays. The engine itself refuses that.
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
    description:
      - Only those that ended at least so long ago, such as V(30d). One that never ran counts from when it was made.
    type: str
  image:
    description: Only those of this image or of one that was built on it.
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
  - At least one of the options that select is needed.
  - Without O(docker_host), the containers of the engine at C(unix:///var/run/docker.sock) are meant. An engine that
    does not run is not woken.
seealso:
  - module: dockmaster.ports.docker_stale_networks
author:
  - Dockmaster contributors (@dockmaster)
"""

EXAMPLES = r"""
- name: Remove what ended a month ago
  dockmaster.ports.docker_stale_containers:
    older_than: 30d

- name: Remove what is left of a project
  dockmaster.ports.docker_stale_containers:
    project: shop-old
"""

RETURN = r"""
removed:
  description: The containers that are removed.
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
    image:
      description: Its image.
      type: str
    state:
      description: V(created), V(exited) or V(dead).
      type: str
    ended:
      description: When it ended, or was made if it never ran, in seconds since the epoch. Null if nothing tells.
      type: float
    wants:
      description: What it would publish.
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
from ansible_collections.dockmaster.ports.plugins.module_utils._stale import containers
from ansible_collections.dockmaster.ports.plugins.module_utils._stale.engine import endpoint_of, remove_all
from ansible_collections.dockmaster.ports.plugins.module_utils._stale.wish import Wish, wish_of

SELECTING = ("older_than", "image", "labels", "name", "project")


def run(module: AnsibleModule, host: Host) -> t.Dict[str, t.Any]:
    """Raises ValueError, Unseen."""
    params = module.params
    wish = _wish(params)
    endpoint = endpoint_of(host, params["docker_host"])
    found = containers.find(host, endpoint, wish)
    action = EngineAction(endpoint, tls_of(params))
    if not module.check_mode:
        remove_all(found, lambda one: containers.remove(action, one))
    lines = [f"container {one.name} ({one.state}, {one.image}){_wants(one)}\n" for one in found]
    diff = {"before_header": endpoint, "after_header": endpoint, "before": "".join(lines), "after": ""}
    return {"changed": bool(found), "removed": dump(found), "diff": diff if found else []}


def _wish(params: t.Mapping[str, t.Any]) -> Wish:
    """Raises ValueError: an option that is there and empty selects nothing, and so everything."""
    if not any(params[option] for option in SELECTING):
        raise ValueError(f"nothing is selected: expected one of {', '.join(SELECTING)}, such as older_than=30d")
    return wish_of(params)


def _wants(one: containers.Stale) -> str:
    return f", would publish {', '.join(one.wants)}" if one.wants else ""


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "older_than": {"type": "str"},
            "image": {"type": "str"},
            "labels": {"type": "list", "elements": "str"},
            "name": {"type": "str"},
            "project": {"type": "str"},
            **ENGINE_ARGUMENTS,
        },
        required_one_of=[SELECTING],
        supports_check_mode=True,
    )
    try:
        result = run(module, host_of(module.params))
    except (ValueError, Unseen) as exc:
        module.fail_json(msg=str(exc))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
