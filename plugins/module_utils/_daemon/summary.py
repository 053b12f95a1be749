# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What a restart of the engine does, in the words of a person."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.blast import Blast

_ON_FAILURE = "with an error (restart policy on-failure)"
_RELOADED = "if the engine is reloaded before it is restarted"
_AFTER = {  # of one container, and of several
    "survives": ("goes on through live-restore", "go on through live-restore"),
    "reload_first": (
        f"goes on through live-restore {_RELOADED}, else it is stopped",
        f"go on through live-restore {_RELOADED}, else they are stopped",
    ),
    "returns": ("is stopped and started again", "are stopped and started again"),
    "depends": (
        f"is stopped, and started again only if it ends {_ON_FAILURE}",
        f"are stopped, and started again only if they end {_ON_FAILURE}",
    ),
    "stays_down": (
        "is stopped and stays down (no restart policy)",
        "are stopped and stay down (no restart policy)",
    ),
    "is_removed": ("is stopped and removed (--rm)", "are stopped and removed (--rm)"),
}


def describe(blast: Blast) -> t.List[str]:
    """For people: what a restart does, a line each."""
    if blast.why:
        return [f"what a restart would stop was not seen: {blast.why}"]
    if not blast.containers:
        return ["a restart stops no container"]
    lines = []
    for after, (one, several) in _AFTER.items():
        names = [c.name for c in blast.containers if c.after == after]
        if names:
            what = f"container {one}" if len(names) == 1 else f"containers {several}"
            lines.append(f"{len(names)} {what}: {', '.join(names)}")
    if blast.ports:
        lines.append(f"nobody holds these ports meanwhile: {', '.join(blast.ports)}")
    return lines
