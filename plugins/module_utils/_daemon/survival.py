# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Whether containers outlive a restart of their engine.

They do only if it has live-restore on when it stops, and again when it starts: else it stops them on its way out, or
once it is back ("shutting down container considered alive by containerd"). live-restore does not keep swarm's tasks.
Source: moby daemon/daemon.go (Shutdown, restore), v20.10.27 to docker-v29.7.2.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.keys import reloads
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.launch import Launch

KEY = "live-restore"
SURVIVES, RELOAD_FIRST = "survives", "reload_first"


@dataclass(frozen=True)
class LiveRestore:
    """at_start: it is on when the engine starts again. by_reload: the engine can take it over before it is stopped.

    reloaded: it is told to, and not stopped if it does not.
    """

    at_start: bool = False
    by_reload: bool = False
    reloaded: bool = False

    def spares(self, now: bool, swarm: bool) -> str:
        """What becomes of containers: survives, reload_first, or empty for neither. now: it is on."""
        if swarm:
            return ""
        if self.reloaded or (now and self.at_start):
            return SURVIVES
        return RELOAD_FIRST if self.at_start and self.by_reload else ""


def live_restore_of(launch: Launch, config: t.Mapping[str, t.Any]) -> LiveRestore:
    """config: of the file that the engine will start with."""
    return LiveRestore(starts_with(launch, config), config.get(KEY) is True and reloads(config, launch.version))


def starts_with(launch: Launch, config: t.Mapping[str, t.Any]) -> bool:
    """Whether live-restore is on when the engine starts, by its file or its command line."""
    return config.get(KEY) is True or launch.flags.get(KEY, ["false"])[-1] == "true"
