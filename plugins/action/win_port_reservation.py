# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.netsh import FAMILIES
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.settle import Task
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.wish import BOTH, PROTOCOLS, wishes
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.ports import PortsError
from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows.carry import Shell
from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows.remote import Windows
from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows.reservation import Reservation

SPEC = {
    "ranges": {"type": "list", "elements": "str", "required": True},
    "protocol": {"type": "str", "choices": [*PROTOCOLS, BOTH], "default": "tcp"},
    "state": {"type": "str", "choices": ["absent", "exactly", "present"], "default": "present"},
    "store": {"type": "str", "choices": ["active", "persistent"], "default": "persistent"},
    "families": {"type": "list", "elements": "str", "choices": list(FAMILIES), "default": list(FAMILIES)},
    "restart_winnat": {"type": "str", "choices": ["if_needed", "never"], "default": "never"},
}


class ActionModule(ActionBase):
    """Reserves and releases ports on Windows, by netsh through the connection."""

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
        shell = Shell(Windows(self, task_vars), self._connection)
        try:
            return Reservation(
                shell,
                self._wished(options),
                allowed=options["restart_winnat"] == "if_needed",
                check=self._task.check_mode,
                warn=lambda text: Display().warning(f"{host}: {text}"),
            ).run()
        except PortsError as exc:
            raise AnsibleActionFail(f"ranges: {exc}") from exc
        except Unseen as exc:
            raise AnsibleActionFail(str(exc)) from exc

    def _wished(self, options: t.Mapping[str, t.Any]) -> Task:
        """Raises PortsError."""
        named = wishes(options["ranges"], options["protocol"], options["state"], options["store"])
        return Task(named, tuple(dict.fromkeys(options["families"])))
