# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What runs on an engine before and after its restart."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import Binding
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.blast import Affected, Blast
from ansible_collections.dockmaster.ports.plugins.module_utils._engine_json import get
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.answers import Door, answering, doors

RUNNING = ("running", "paused")
STARTING = ("restarting", "removing")


class Before(t.NamedTuple):
    """containers: that ran. doors: at which somebody answered."""

    containers: t.Tuple[Affected, ...]
    doors: t.FrozenSet[Door]


class After(t.NamedTuple):
    """What is not as before.

    down: containers that do not run; stopped: those of them that do not try to. gone: that are not there at all.
    """

    down: t.Tuple[Affected, ...]
    gone: t.Tuple[Affected, ...]
    silent: t.Tuple[Door, ...]
    stopped: t.Tuple[Affected, ...] = ()

    @property
    def whole(self) -> bool:
        return not (self.down or self.gone or self.silent)


Knock = t.Callable[[Door], bool]


def before(blast: Blast, addresses: t.Sequence[str], knock: Knock) -> Before:
    """Containers that wait for their next start run neither now nor, perhaps, later."""
    ran = tuple(one for one in blast.containers if one.state in RUNNING)
    bindings = [Binding.parse(port) for one in ran for port in one.ports]
    return Before(ran, answering(doors(bindings, addresses), knock))


def after(host: Host, endpoint: str, was: Before, knock: Knock) -> After:
    """Raises Unseen while the engine does not answer."""
    states = _states(host, endpoint)
    down = tuple(one for one in was.containers if one.id in states and states[one.id] not in RUNNING)
    gone = tuple(one for one in was.containers if one.id not in states)
    still = answering(sorted(was.doors), knock)
    stopped = tuple(one for one in down if states[one.id] not in STARTING)
    return After(down, gone, tuple(sorted(was.doors - still)), stopped)


def _states(host: Host, endpoint: str) -> t.Dict[str, str]:
    """Raises Unseen."""
    return {str(one["Id"]): str(one["State"]) for one in get(host, endpoint, "/containers/json?all=1")}
