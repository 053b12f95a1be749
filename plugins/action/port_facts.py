# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._facts_task import ARGUMENTS, PACKED, gathered, unpacked
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost
from ansible_collections.dockmaster.ports.plugins.plugin_utils._gathering import GatheringAction


class ActionModule(GatheringAction):
    """Runs module port_facts where it can run."""

    arguments = ARGUMENTS

    def asked(self, params: dict[str, t.Any]) -> t.Any:
        return params["compatible_view"]

    def run_there(self, task_vars: t.Any) -> dict[str, t.Any]:
        # What async_status will read passes nobody who would unpack it
        args = {**self._task.args, PACKED: not self._task.async_val}
        return unpacked(self._execute_module(module_args=args, task_vars=task_vars, wrap_async=self._task.async_val))

    def result_of(self, host: ReplayHost, request: Request, asked: t.Any, verbosity: int) -> dict[str, t.Any]:
        return gathered(host, request, compatible_view=asked)
