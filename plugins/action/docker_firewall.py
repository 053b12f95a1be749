# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure
from ansible.plugins.action import ActionBase

from ansible_collections.dockmaster.ports.plugins.filter.network_set import netaddr, network_set
from ansible_collections.dockmaster.ports.plugins.plugin_utils._firewall_sources import SourceError, resolved


def _merged(rule: t.Any) -> t.Any:
    """With the fewest networks, so that little is sent. Without netaddr the target merges what it is sent."""
    if netaddr is None or not isinstance(rule, dict) or not isinstance(rule.get("sources"), list):
        return rule
    return {**rule, "sources": network_set(rule["sources"])}


class ActionModule(ActionBase):
    """Looks up groups for module docker_firewall, and confirms new rules over a new connection."""

    _requires_connection = True
    _supports_check_mode = True

    def run(self, tmp: t.Any = None, task_vars: t.Any = None) -> dict[str, t.Any]:
        super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        if isinstance(arguments.get("rules"), (list, tuple)):
            try:
                rules = resolved(arguments["rules"], task_vars["groups"], task_vars["hostvars"])
            except SourceError as exc:
                raise AnsibleActionFail(str(exc)) from None  # else Ansible says each cause after it, in the same words
            arguments["rules"] = [_merged(rule) for rule in rules]
        result = self._execute_module(module_args=arguments, task_vars=task_vars)
        if result.get("failed") or not result.get("rollback"):
            return result
        return self._confirm(result, task_vars)

    def _confirm(self, result: dict[str, t.Any], task_vars: t.Any) -> dict[str, t.Any]:
        """The rules have let the old connection go on: whether they let anybody in again, only a new one can tell."""
        seconds = result["rollback"]["seconds"]
        try:
            self._reconnect()
            answer = self._execute_module(module_args={"confirm": result["rollback"]["token"]}, task_vars=task_vars)
        except AnsibleConnectionFailure as exc:
            answer = {"failed": True, "msg": f"the host could not be reached over a new connection: {exc}"}
        result["rollback"]["confirmed"] = not answer.get("failed") or bool(answer.get("confirmed"))
        if result["rollback"]["confirmed"]:
            return {**result, "failed": True, "msg": answer["msg"]} if answer.get("failed") else result
        why = f"{answer.get('msg')}; the new rules were not confirmed: the old ones come back within {seconds} s"
        return {**result, "failed": True, "msg": why}

    def _reconnect(self) -> None:
        if self._connection.transport != "local":
            self._connection.reset()
