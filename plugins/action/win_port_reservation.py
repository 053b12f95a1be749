# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.arguments import SPEC, task_of
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.reservation import Reservation
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.ports import PortsError
from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows.carry import Shell, WinNat
from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows.remote import Windows


class ActionModule(ActionBase):
    """Reserves and releases ports on Windows, by netsh through the connection. Elsewhere its module does, for WSL."""

    _requires_connection = True
    _supports_check_mode = True

    def run(self, tmp: t.Any = None, task_vars: t.Any = None) -> dict[str, t.Any]:
        super().run(tmp, task_vars)
        if not getattr(self._connection._shell, "_IS_WINDOWS", False):
            return self._execute_module(task_vars=task_vars)
        _checked, options = self.validate_argument_spec(SPEC)
        host = task_vars["inventory_hostname"]
        shell = Shell(Windows(self, task_vars), self._connection)
        try:
            return Reservation(
                shell,
                WinNat(shell),
                task_of(options),
                restart=options["restart_winnat"],
                check=self._task.check_mode,
                warn=lambda text: Display().warning(f"{host}: {text}"),
            ).run()
        except PortsError as exc:
            raise AnsibleActionFail(f"ranges: {exc}") from None
        except Unseen as exc:
            raise AnsibleActionFail(str(exc)) from exc
