# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Chooses a variant, restarts the engine, sweeps the other; goes back if the engine does not do as well as before."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._backend.plan import Plan, other
from ansible_collections.dockmaster.ports.plugins.module_utils._backend.state import State
from ansible_collections.dockmaster.ports.plugins.module_utils._backend.sweep import Run, sweep
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.careful import Careful
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.inventory import after
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.restart import NotWhole
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.service import Failed


class PutBack(ValueError):
    """It did not work, and everything is as it was."""


def carry_out(host: Host, todo: Plan, ready: t.Optional[Careful], look: t.Callable[[], State], run: Run) -> None:
    """ready: where the engine is restarted. look: how it stands now. Raises ValueError, Unseen."""
    for choice in todo.choose:
        choice.choose(host, todo.variant)
    if ready:
        _restart(host, todo, ready, look)
    if any(todo.sweep):
        sweep(other(todo.variant), look().left(other(todo.variant)), run)
        _check(todo, ready, look())


def _restart(host: Host, todo: Plan, ready: Careful, look: t.Callable[[], State]) -> None:
    try:
        ready.do()
        if not look().settled(todo.variant):
            raise Failed(f"the engine runs again, and its chains are not in {todo.variant}")
    except (Failed, NotWhole) as exc:
        for choice in todo.choose:
            choice.restore(host)
        ready.service.restart(ready.restart.host)
        raise PutBack(f"{exc}: the alternatives are as before, and the engine was restarted") from exc


def _check(todo: Plan, ready: t.Optional[Careful], now: State) -> None:
    """Raises NotWhole."""
    if any(now.left(other(todo.variant))):
        raise NotWhole(f"the engine still has rules in {other(todo.variant)}")
    if ready:
        found = after(ready.host, ready.restart.action.endpoint, ready.was, ready.restart.knock)
        if found.silent:
            raise NotWhole(f"after the sweep, nobody answers at {', '.join(map(str, found.silent))}")
