# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible import constants as C
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.dockmaster.ports.plugins.plugin_utils._remediate.text import (
    HostRecord,
    fleet,
    headline,
    record_of,
    table,
)

RECORD = "remediate_record"  # what role remediate keeps of a host
COLORS = {
    "failed": C.COLOR_ERROR,
    "no_help": C.COLOR_ERROR,
    "unknown": C.COLOR_ERROR,
    "done": C.COLOR_CHANGED,
    "gone": C.COLOR_OK,
    "quiet": C.COLOR_OK,
}


class ActionModule(ActionBase):
    """Prints what role remediate did or would do: a table of one host, or one list over many."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: t.Any = None, task_vars: t.Any = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        spec = {"hosts": {"type": "list", "elements": "str"}, "gathered": {"type": "str"}}
        _checked, options = self.validate_argument_spec(spec)
        names = options["hosts"] or [task_vars["inventory_hostname"]]
        variables = task_vars["hostvars"]
        records = [_record(name, variables[name], options["gathered"]) for name in names]
        # In one piece: other hosts print theirs at the same time
        if options["hosts"]:
            Display().display("\n".join(fleet(records)))
        else:
            Display().display("\n".join(table(records[0])), color=COLORS.get(records[0].status, C.COLOR_WARN))
        bad = [record.name for record in records if record.status in ("failed", "no_help", "unknown")]
        result.update(changed=False, msg=headline(records), failed_hosts=bad)
        return result


def _record(name: str, variables: t.Mapping[str, t.Any], gathered: str | None) -> HostRecord:
    task = variables.get(gathered) if gathered else None
    if isinstance(task, t.Mapping) and task.get("unreachable"):
        return record_of(name, f"unreachable: {task.get('msg', 'no reason told')}")
    return record_of(name, variables.get(RECORD, "not planned: role remediate did not come to its end on this host"))
