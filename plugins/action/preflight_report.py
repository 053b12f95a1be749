# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase

from ansible_collections.dockmaster.ports.plugins.module_utils._core.result import LEVELS
from ansible_collections.dockmaster.ports.plugins.plugin_utils._audit_text import as_data, terminal
from ansible_collections.dockmaster.ports.plugins.plugin_utils._preflight import (
    Strictness,
    missing,
    preflight,
    refusal,
)
from ansible_collections.dockmaster.ports.plugins.plugin_utils._show import show

LOST = {"msg": "it dropped out of the play before"}


class ActionModule(ActionBase):
    """Prints what port_check found on every host of the play, once, and judges the host it runs for."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: t.Any = None, task_vars: t.Any = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        spec = {
            "checked": {"type": "str", "required": True},
            "fail_on": {"type": "str", "choices": list(LEVELS), "default": "diverted"},
            "enforce_policy": {"type": "bool", "default": True},
            "complete": {"type": "bool", "default": True},
        }
        _checked, options = self.validate_argument_spec(spec)
        own = task_vars["inventory_hostname"]
        results = _results(task_vars, options["checked"])
        lost = _lost(task_vars, options["checked"])
        if next(iter(results), own) == own:  # not run_once: the host that it would choose may not be here
            hosts = [preflight(name, one) for name, one in {**results, **dict.fromkeys(lost, LOST)}.items()]
            show(terminal(hosts, nothing="", missing="not checked"))
        host = preflight(own, results.get(own, {"msg": f"port_check registered no {options['checked']}"}))
        strictness = Strictness(options["fail_on"], options["enforce_policy"])
        refused = refusal(host, strictness) or (missing(lost, strictness) if options["complete"] else "")
        result.update(changed=False, msg=refused or "go", refused=bool(refused), host=as_data(host))
        return result


def _results(task_vars: t.Mapping[str, t.Any], name: str) -> dict[str, t.Mapping[str, t.Any]]:
    """What was registered, by host, of those that are still in the play, in its order."""
    variables = task_vars["hostvars"]
    found = {host: variables[host].get(name) for host in task_vars["ansible_play_batch"]}
    return {host: one for host, one in found.items() if isinstance(one, t.Mapping) and not one.get("skipped")}


def _lost(task_vars: t.Mapping[str, t.Any], name: str) -> list[str]:
    """Hosts that were not reached, or failed, before they could be checked: nobody else tells of them here."""
    variables, left = task_vars["hostvars"], set(task_vars["ansible_play_hosts"])
    return [host for host in task_vars["ansible_play_hosts_all"] if host not in left and name not in variables[host]]
