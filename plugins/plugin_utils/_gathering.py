# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Where a gathering module runs: on the target where it has Python."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase


class GatheringAction(ActionBase):
    """Runs the module of the task's own name on the target."""

    _requires_connection = True
    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: t.Any = None, task_vars: t.Any = None) -> dict[str, t.Any]:
        super().run(tmp, task_vars)
        if getattr(self._connection._shell, "_IS_WINDOWS", False):
            host = task_vars["inventory_hostname"]
            raise AnsibleActionFail(f"{self._task.action} reads Linux hosts; {host} is reached through a Windows shell")
        return self._execute_module(task_vars=task_vars, wrap_async=self._task.async_val)
