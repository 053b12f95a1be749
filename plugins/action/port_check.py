# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible_collections.dockmaster.ports.plugins.module_utils._check_task import (
    ARGUMENTS,
    REQUIRED_ONE_OF,
    asked,
    checked,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.problem import ComposeError
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.task import projects_taken, wants_of_task
from ansible_collections.dockmaster.ports.plugins.plugin_utils._gathering import GatheringAction


def is_alone(publish: t.Any) -> bool:
    """Whether one entry stands for a list of one.

    Ansible would make text of a number, and the 1342 that YAML makes of 22:22 would pass for a port that somebody
    quoted. And it would make two of published=8080,target=80.
    """
    return isinstance(publish, (int, float, Mapping)) or (isinstance(publish, str) and "=" in publish)


class ActionModule(GatheringAction):
    """Reads Compose projects on the controller, then runs module port_check where it can run."""

    arguments = ARGUMENTS
    required_one_of = REQUIRED_ONE_OF

    def asked(self, params: dict[str, t.Any]) -> t.Any:
        return asked(params)

    def result_of(self, host: ReplayHost, request: Request, asked: t.Any, verbosity: int) -> dict[str, t.Any]:
        result, failed = checked(host, request, asked, verbosity)
        return {**result, "failed": True} if failed else result

    def run(self, tmp: t.Any = None, task_vars: t.Any = None) -> dict[str, t.Any]:
        try:
            warnings = self._read_projects(task_vars)
        except ComposeError as exc:
            return {
                "failed": True,
                "msg": str(exc),
            }  # not raised: `failed_when` of a task has a say in what is returned
        result = super().run(tmp, task_vars)
        if warnings:
            result["warnings"] = [*result.get("warnings", []), *warnings]
        return result

    def _read_projects(self, task_vars: t.Any) -> list[str]:
        """Put what the projects want into `publish`. Raises ComposeError."""
        args = dict(self._task.args)
        environment: dict[str, t.Any] = {}
        self._compute_environment_string(environment)

        def run(name: str, arguments: dict[str, t.Any]) -> dict[str, t.Any]:
            found: dict[str, t.Any] = self._execute_module(name, arguments, task_vars=task_vars)
            return found

        projects = projects_taken(args)
        if self.is_windows and any(one["remote_src"] for one in projects):
            raise ComposeError("remote_src: the files of a Windows host cannot be read; name files of the controller")
        found = [wants_of_task(one, environment, self._loader.path_dwim, run) for one in projects]
        wants = [want for project in found for want in project.wants]
        named = len(args) < len(self._task.args)
        if is_alone(args.get("publish")):
            args["publish"] = [args["publish"]]
        if named:
            publish = args.get("publish") or []
            args["publish"] = [*(publish if isinstance(publish, list) else [publish]), *wants]
        self._task.args = args
        return [warning for project in found for warning in project.warnings]
