# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleActionFail

from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.problem import ComposeError
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.task import taken, wants_of_task
from ansible_collections.dockmaster.ports.plugins.plugin_utils._gathering import GatheringAction


class ActionModule(GatheringAction):
    """Reads a Compose project on the controller, then runs module port_check where it can run."""

    def run(self, tmp: t.Any = None, task_vars: t.Any = None) -> dict[str, t.Any]:
        warnings = self._read_project(task_vars)
        result = super().run(tmp, task_vars)
        if warnings:
            result["warnings"] = [*result.get("warnings", []), *warnings]
        return result

    def _read_project(self, task_vars: t.Any) -> tuple[str, ...]:
        """Put what the project wants into `publish`. Raises AnsibleActionFail."""
        args = dict(self._task.args)
        environment: dict[str, t.Any] = {}
        self._compute_environment_string(environment)

        def run(name: str, arguments: dict[str, t.Any]) -> dict[str, t.Any]:
            found: dict[str, t.Any] = self._execute_module(name, arguments, task_vars=task_vars)
            return found

        try:
            options = taken(args)
            found = wants_of_task(options, environment, self._loader.path_dwim, run)
        except ComposeError as exc:
            raise AnsibleActionFail(str(exc)) from exc
        if options["compose_files"] or options["project_dir"]:
            publish = args.get("publish") or []
            args["publish"] = [*(publish if isinstance(publish, list) else [publish]), *found.wants]
        self._task.args = args
        return found.warnings
