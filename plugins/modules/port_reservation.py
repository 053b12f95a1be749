#!/usr/bin/python
# Copyright (c) Dockmaster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: port_reservation
short_description: Keep ports from being drawn for outgoing connections
version_added: 1.0.0
description:
  - The kernel draws the local port of an outgoing connection from C(net.ipv4.ip_local_port_range). A published port
    within that range is at risk. Whenever its container is down, any connection may take it.
  - This module reserves ports (C(net.ipv4.ip_local_reserved_ports)), now and at every boot. A reserved port can still
    be bound by whoever asks for it. It is only never drawn. Engine 29.6 and later leaves it out of its own draws too.
  - Ports are reserved in named sets. What others have reserved, in other files of C(/etc/sysctl.d) or in the running
    kernel alone, is kept, and is never released.
extends_documentation_fragment:
  - dockmaster.ports._attributes
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
  ports:
    description:
      - Ports and ranges of ports, such as V(8080) or V(30000-30100).
      - Required with O(state=present). With O(state=absent), all ports of the set are released if it is not given.
    type: list
    elements: str
  name:
    description: The set. Ports that several sets hold are released with the last of them.
    type: str
    default: default
  state:
    description: Whether the ports are to be reserved.
    type: str
    choices: [absent, present]
    default: present
  purge:
    description: With O(state=present), release all other ports of the set.
    type: bool
    default: false
notes:
  - This is a setting of the network namespace that the module runs in. Another namespace, such as a container's, has
    its own.
  - The sets are kept in C(/etc/sysctl.d/zz-dockmaster-ports.conf). That file also repeats what other files reserve,
    because the last file that sets the key wins. Run this again after another file has changed.
  - A connection that has a port already keeps it.
  - Two runs at once on one host wait for each other, for up to 30 seconds.
seealso:
  - module: dockmaster.ports.port_check
author:
  - Dockmaster contributors (@dockmaster)
"""

EXAMPLES = r"""
- name: Reserve the published ports of the shop, and no others under this name
  dockmaster.ports.port_reservation:
    name: shop
    ports: ["35000", "40000-40010"]
    purge: true

- name: Release them
  dockmaster.ports.port_reservation:
    name: shop
    state: absent
"""

RETURN = r"""
name:
  description: The set.
  returned: always
  type: str
  sample: shop
ports:
  description: The ports of the set.
  returned: always
  type: str
  sample: 35000,40000-40010
reserved:
  description: All ports that are reserved, by whomever.
  returned: always
  type: str
  sample: 8080,35000,40000-40010
others:
  description: What other files of the host reserve at boot.
  returned: always
  type: str
  sample: "8080"
path:
  description: The file that keeps the sets.
  returned: always
  type: str
  sample: /etc/sysctl.d/zz-dockmaster-ports.conf
"""

import os
import re
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.dockmaster.ports.plugins.module_utils._archive import compile_once

compile_once()

from ansible_collections.dockmaster.ports.plugins.module_utils._files import told
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._live_host import LiveHost
from ansible_collections.dockmaster.ports.plugins.module_utils._lock import alone_in
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.diff import diff_of
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.kernel import reserved
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.ledger import KEY
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.plan import FILE, Wish, plan
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.ports import parse, text
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.write import carry_out

NAME = re.compile(r"[\w.][\w./-]*")


def run(module: AnsibleModule) -> t.Dict[str, t.Any]:
    """Raises ValueError, Unseen, OSError."""
    wish = _wish(module.params)
    with alone_in(os.path.dirname(FILE)):
        todo = plan(LiveHost(), reserved(), wish)
        carry_out(module, todo)
    if todo.warning:
        module.warn(todo.warning)
    diff = diff_of(KEY, FILE, (todo.before, todo.after), (text(todo.live), text(todo.wanted)))
    return {
        "changed": bool(diff),
        "name": wish.name,
        "ports": text(todo.ours),
        "reserved": text(todo.wanted),
        "others": text(todo.others),
        "path": FILE,
        "diff": diff,
    }


def _wish(params: t.Mapping[str, t.Any]) -> Wish:
    if not NAME.fullmatch(params["name"]):
        raise ValueError(
            f"name: {params['name']!r} is not a name: expected letters, digits and . _ - /, such as shop/web"
        )
    try:
        ports = None if params["ports"] is None else parse(",".join(params["ports"]), lowest=1)
    except ValueError as exc:
        raise ValueError(f"ports: {exc}") from exc
    return Wish(params["name"], ports, params["state"] == "present", params["purge"])


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "ports": {"type": "list", "elements": "str"},
            "name": {"type": "str", "default": "default"},
            "state": {"type": "str", "choices": ["absent", "present"], "default": "present"},
            "purge": {"type": "bool", "default": False},
        },
        required_if=[("state", "present", ("ports",))],
        supports_check_mode=True,
    )
    try:
        result = run(module)
    except (ValueError, Unseen) as exc:
        module.fail_json(msg=str(exc))
    except OSError as exc:
        module.fail_json(msg=told(exc))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
