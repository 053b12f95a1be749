#!/usr/bin/python
# Copyright (c) Dockmaster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: unprivileged_port
short_description: Let every user of a host listen on low ports, as a rootless engine needs it
version_added: 1.0.0
description:
  - A rootless engine may publish ports from C(net.ipv4.ip_unprivileged_port_start) on, which is 1024 as a rule.
  - Lowers that number, now and at every boot, and never raises it. Any user of the host may then listen there.
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
  start:
    description: The lowest port that everybody may have, such as V(80). Required with O(state=present).
    type: int
  state:
    description:
      - With V(absent), this module's file is removed, and the number becomes what the host's other files make it at
        boot, unless somebody has made it another than this module did.
    type: str
    choices: [absent, present]
    default: present
notes:
  - The file is C(/etc/sysctl.d/zz-dockmaster-ports-unprivileged.conf).
  - This is a setting of the network namespace that the module runs in.
  - Two runs at once on one host wait for each other, for up to 30 seconds.
seealso:
  - module: dockmaster.ports.port_check
author:
  - Dockmaster contributors (@dockmaster)
"""

EXAMPLES = r"""
- name: Let a rootless engine publish port 80
  dockmaster.ports.unprivileged_port:
    start: 80
"""

RETURN = r"""
start:
  description: The lowest port that everybody may have.
  returned: always
  type: int
  sample: 80
path:
  description: The file that keeps it over a reboot, if one is needed.
  returned: always
  type: str
  sample: /etc/sysctl.d/zz-dockmaster-ports-unprivileged.conf
"""

import os
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.dockmaster.ports.plugins.module_utils._archive import compile_once

compile_once()

from ansible_collections.dockmaster.ports.plugins.module_utils._files import told
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._live_host import LiveHost
from ansible_collections.dockmaster.ports.plugins.module_utils._lock import alone_in
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.diff import diff_of
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.unprivileged import (
    FILE,
    KEY,
    carry_out,
    plan,
)


def run(module: AnsibleModule) -> t.Dict[str, t.Any]:
    """Raises ValueError, Unseen, OSError."""
    start = module.params["start"] if module.params["state"] == "present" else None
    if start is not None and not 0 <= start <= 65535:
        raise ValueError(f"start: {start} is not a port: expected a number within 0-65535, such as 80")
    with alone_in(os.path.dirname(FILE)):
        todo = plan(LiveHost(), start)
        carry_out(module, todo)
    diff = diff_of(KEY, FILE, (todo.before, todo.after), (str(todo.live), str(todo.wanted)))
    return {"changed": bool(diff), "start": todo.wanted, "path": FILE if todo.after else "", "diff": diff}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "start": {"type": "int"},
            "state": {"type": "str", "choices": ["absent", "present"], "default": "present"},
        },
        required_if=[("state", "present", ("start",))],
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
