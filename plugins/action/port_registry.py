# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase

from ansible_collections.dockmaster.ports.plugins.plugin_utils._allocate.ask import Given, give, take_back
from ansible_collections.dockmaster.ports.plugins.plugin_utils._allocate.registry import Registry


class ActionModule(ActionBase):
    """Gives names ports and keeps them in a registry on the controller, or takes them back."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: t.Any = None, task_vars: t.Any = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        spec = {
            "names": {"type": "list", "elements": "str", "required": True},
            "band": {"type": "str", "required": True},
            "policy": {"type": "dict"},
            "registry": {"type": "path", "required": True},
            "stack": {"type": "str", "default": ""},
            "block": {"type": "int", "default": 10},
            "avoid_hosts": {"type": "list", "elements": "str"},
            "state": {"type": "str", "choices": ["absent", "present"], "default": "present"},
        }
        _checked, told = self.validate_argument_spec(spec)
        names, change = told.pop("names"), give if told.pop("state") == "present" else take_back
        hosts = told.pop("avoid_hosts") or []
        told["registry"] = self._loader.path_dwim(told["registry"])
        options = {**told, "policy": told["policy"] or None, "write": not self._task.check_mode}
        try:
            given = change(
                names, {**options, "evidence": [_facts(host, task_vars["hostvars"]) for host in hosts] or None}
            )
        except ValueError as exc:
            return {**result, "failed": True, "msg": str(exc)}
        return {
            **result,
            "changed": given.before != given.after,
            "ports": given.ports,
            "diff": _diff(given, told["registry"]),
        }


def _facts(host: str, variables: t.Mapping[str, t.Any]) -> t.Any:
    """What port_facts gathered there. Raises ValueError."""
    facts = variables[host].get("ansible_facts", {}).get("ports") if host in variables else None
    if facts is None:
        raise ValueError(f"avoid_hosts: port_facts did not run on {host}, so it is not known what is taken there")
    return facts


def _diff(given: Given, path: str) -> dict[str, str]:
    before, after = (registry.text() if registry != Registry() else "" for registry in (given.before, given.after))
    return {"before_header": path, "after_header": path, "before": before, "after": after}
