# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What a module says of a plan."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.dump import dump
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.blast import Blast
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.consequences import consequences, silenced
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.launch import Launch
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.plan import Plan
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.reload import RESTART
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.summary import describe


def report_of(todo: Plan, launch: Launch) -> t.Dict[str, t.Any]:
    report: t.Dict[str, t.Any] = {
        "path": todo.after.path,
        "reload": todo.reload,
        "changes": dump(todo.changes),
        "pending": list(todo.note.waiting(todo.after.config)),
        "engine": {
            "pid": launch.pid,
            "started": launch.started,
            "program": launch.program,
            "version": ".".join(str(number) for number in launch.version),
            "command_line": launch.source,
            "unseen": launch.unseen,
        },
    }
    if todo.reload == RESTART:
        report["blast"] = blast_report(todo.blast)
    configs = todo.note.running(todo.before.config), todo.after.config
    report["consequences"] = consequences(*configs, todo.blast.containers)
    report["silences"] = silenced(*configs, todo.blast.containers)
    report["old_file"] = todo.note.old_file
    return report


def blast_report(blast: Blast) -> t.Dict[str, t.Any]:
    return {
        "summary": describe(blast),
        "containers": dump(blast.containers),
        "ports": list(blast.ports),
        "live_restore": blast.live_restore,
        "swarm": blast.swarm,
        "why": blast.why,
    }


def restart_diff(blast: Blast) -> t.List[t.Dict[str, str]]:
    return [{"prepared": "".join(f"restart: {line}\n" for line in describe(blast))}]


def diff_of(todo: Plan, attributes: t.Mapping[str, t.Any]) -> t.List[t.Dict[str, t.Any]]:
    """The file, its attributes, and what a restart would do."""
    path = todo.after.path
    parts: t.List[t.Dict[str, t.Any]] = []
    if todo.changed:
        parts.append(
            {"before_header": path, "after_header": path, "before": todo.before.text, "after": todo.after.text}
        )
    if attributes.get("before") != attributes.get("after"):
        header = f"{path} (file attributes)"
        parts.append({"before_header": header, "after_header": header, **attributes})
    if todo.changed and todo.reload == RESTART:
        parts += restart_diff(todo.blast)
    return parts
