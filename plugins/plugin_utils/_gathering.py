# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Where a gathering module runs: on the target where it has Python, and for Windows hosts on the controller.

There it reads a recording that is made through the connection, with the same probes and the same result.
"""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost
from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows.options import validated, windows_request
from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows.recording import recorded
from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows.remote import Windows


class GatheringAction(ActionBase):
    """Runs the module of the task's own name. arguments, required_one_of: the module's."""

    _requires_connection = True
    _supports_check_mode = True
    _supports_async = True

    arguments: t.ClassVar[dict[str, t.Any]]
    required_one_of: t.ClassVar[Sequence[Sequence[str]]] = ()

    @property
    def is_windows(self) -> bool:
        return bool(getattr(self._connection._shell, "_IS_WINDOWS", False))

    def asked(self, params: dict[str, t.Any]) -> t.Any:
        """What the options ask, before the host is asked anything. Raises ValueError."""

    def result_of(self, host: ReplayHost, request: Request, asked: t.Any, verbosity: int) -> dict[str, t.Any]:
        """What the module returns."""
        raise NotImplementedError

    def run(self, tmp: t.Any = None, task_vars: t.Any = None) -> dict[str, t.Any]:
        super().run(tmp, task_vars)
        if self.is_windows:
            return self._run_here(task_vars)
        return self.run_there(task_vars)

    def run_there(self, task_vars: t.Any) -> dict[str, t.Any]:
        """What the module returns on the target."""
        done: dict[str, t.Any] = self._execute_module(task_vars=task_vars, wrap_async=self._task.async_val)
        return done

    def _run_here(self, task_vars: t.Any) -> dict[str, t.Any]:
        """What fails is returned, not raised: `failed_when` of a task has a say in what is returned."""
        try:
            if self._task.async_val:
                raise ValueError(f"async: for a Windows host {self._task.action} runs on the controller, and waits")
            params = validated(self._task.args, self.arguments, self.required_one_of)
            asked, request = self.asked(params), windows_request(params)
            windows = Windows(self, task_vars)
            host, request = recorded(windows, request, params["timeout"], self._variables())
        except (ValueError, AnsibleActionFail) as exc:
            return {"failed": True, "msg": str(exc)}
        return {"changed": False, **self.result_of(host, request, asked, Display().verbosity)}

    def _variables(self) -> dict[str, str]:
        """The task's environment."""
        environment: dict[str, t.Any] = {}
        self._compute_environment_string(environment)
        return {name: str(value) for name, value in environment.items()}
