# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.netsh import FAMILIES
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.wish import BOTH, PROTOCOLS
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows.carry import Shell
from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows.dynamic import DynamicError, change, wanted
from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows.remote import Windows

SPEC = {
    "start": {"type": "int", "default": 49152},
    "count": {"type": "int", "default": 16384},
    "protocol": {"type": "str", "choices": [*PROTOCOLS, BOTH], "default": BOTH},
    "families": {"type": "list", "elements": "str", "choices": list(FAMILIES), "default": list(FAMILIES)},
}


class ActionModule(ActionBase):
    """Has Windows draw ports from one range, by netsh through the connection."""

    _requires_connection = True
    _supports_check_mode = True

    def run(self, tmp: t.Any = None, task_vars: t.Any = None) -> dict[str, t.Any]:
        super().run(tmp, task_vars)
        _checked, options = self.validate_argument_spec(SPEC)
        host = task_vars["inventory_hostname"]
        if not getattr(self._connection._shell, "_IS_WINDOWS", False):
            raise AnsibleActionFail(
                f"{self._task.action} changes Windows hosts, and {host} is reached through a shell of another system"
            )
        protocols = PROTOCOLS if options["protocol"] == BOTH else (options["protocol"],)
        places = [(family, one) for one in protocols for family in dict.fromkeys(options["families"])]
        shell = Shell(Windows(self, task_vars), self._connection)

        def warn(text: str) -> None:
            Display().warning(f"{host}: {text}")

        try:
            return change(shell, places, wanted(options["start"], options["count"]), self._task.check_mode, warn)
        except (DynamicError, Unseen) as exc:
            raise AnsibleActionFail(str(exc)) from exc
