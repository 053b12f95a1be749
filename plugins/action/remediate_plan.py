# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from dataclasses import asdict

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.dockmaster.ports.plugins.plugin_utils._remediate.plan import PlanError, plan
from ansible_collections.dockmaster.ports.plugins.plugin_utils._remediate.report import report_with
from ansible_collections.dockmaster.ports.plugins.plugin_utils._remediate.source import (
    Seen,
    of_check,
    of_evidence,
    of_report,
    still_of,
)


class ActionModule(ActionBase):
    """Plans on the controller what role remediate does on one host, and judges what it found afterwards."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: t.Any = None, task_vars: t.Any = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        spec = {
            "allow": {"type": "list", "elements": "str", "default": []},
            "findings": {"type": "raw"},
            "report": {"type": "path"},
            "chores": {"type": "dict", "default": {}},
            "about": {"type": "list", "elements": "str", "default": []},
            "known": {"type": "list", "elements": "str", "default": []},
        }
        _checked, options = self.validate_argument_spec(spec)
        try:
            seen = self._seen(options, task_vars)
            made = plan(seen.findings, options["allow"], options["chores"])
        except PlanError as exc:
            raise AnsibleActionFail(str(exc)) from exc
        keys = options["about"]
        result.update(known=list(seen.keys), taken=seen.taken_of(keys, options["known"]))
        result.update(changed=False, wants=list(seen.wants), still=still_of(seen, keys), doubt=seen.doubt_of(keys))
        result.update(steps=[asdict(step) for step in made.steps], left=[asdict(left) for left in made.left])
        return result

    def _seen(self, options: t.Mapping[str, t.Any], task_vars: t.Any) -> Seen:
        """Raises PlanError, AnsibleActionFail."""
        name = task_vars["inventory_hostname"]
        if options["findings"] is not None:
            return of_check(options["findings"])
        if options["report"]:
            return of_report(_read(options["report"], name), name)
        facts = task_vars.get("ansible_facts", {}).get("ports")
        if facts is None:
            raise AnsibleActionFail(f"port_facts did not run on {name}, and there are neither findings nor a report")
        return of_evidence(name, facts)


def _read(path: str, name: str) -> t.Any:
    """Raises AnsibleActionFail."""
    try:
        return report_with(path, name)
    except OSError as exc:
        raise AnsibleActionFail(f"report: {path} cannot be read: {exc.strerror}") from None
    except ValueError as exc:
        raise AnsibleActionFail(f"report: {path} is no JSON: {exc}; expected the file ports-audit.json") from None
