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
        name, own = options["checked"], task_vars["inventory_hostname"]
        host = preflight(own, task_vars.get(name) or {"msg": f"port_check registered no {name}"})
        strictness = Strictness(options["fail_on"], options["enforce_policy"])
        refused = refusal(host, strictness)
        # Not run_once, for the host that it would choose may not be here. One host alone looks at all: each look costs
        # all variables of a host.
        if next((one for one, _result in _results(task_vars, name)), own) == own:
            lost = _lost(task_vars, name)
            hosts = [preflight(*pair) for pair in (*_results(task_vars, name), *((one, LOST) for one in lost))]
            show(terminal(hosts, nothing="", missing="not checked"))
            refused = refused or (missing(lost, strictness) if options["complete"] else "")
        result.update(changed=False, msg=refused or "go", refused=bool(refused), host=as_data(host))
        return result


def _results(task_vars: t.Mapping[str, t.Any], name: str) -> t.Iterator[tuple[str, t.Mapping[str, t.Any]]]:
    """Hosts that are still in the play, in its order, with what was registered; those without are left out."""
    for host in task_vars["ansible_play_batch"]:
        result = task_vars["hostvars"][host].get(name)
        if isinstance(result, t.Mapping) and not result.get("skipped"):
            yield host, result


def _lost(task_vars: t.Mapping[str, t.Any], name: str) -> list[str]:
    """Hosts that were not reached, or failed, before they could be checked: nobody else tells of them here."""
    variables, left = task_vars["hostvars"], set(task_vars["ansible_play_hosts"])
    return [host for host in task_vars["ansible_play_hosts_all"] if host not in left and name not in variables[host]]
