# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Chooses a variant, restarts the engine, sweeps the other; goes back if the engine does not do as well as before."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._backend.plan import Plan, other
from ansible_collections.dockmaster.ports.plugins.module_utils._backend.state import State
from ansible_collections.dockmaster.ports.plugins.module_utils._backend.sweep import Run, sweep
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.careful import Careful
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.inventory import after
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.restart import NotWhole
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.service import Failed


class PutBack(ValueError):
    """It did not work, and all was put back; or the message says what was not."""


def carry_out(host: Host, todo: Plan, ready: t.Optional[Careful], look: t.Callable[[], State], run: Run) -> None:
    """ready: where the engine is restarted. look: how it stands now. Raises ValueError, Unseen."""
    if ready:
        ready.prepare()
    try:
        for choice in todo.choose:
            choice.choose(host, todo.variant)
    except (ValueError, Unseen) as exc:
        raise PutBack(f"{exc}: {_put_back(host, todo, None)}") from exc
    if ready:
        _restart(host, todo, ready, look)
    if any(todo.sweep):
        sweep(other(todo.variant), look().left(other(todo.variant)), run)
        _check(todo, ready, look())


def _restart(host: Host, todo: Plan, ready: Careful, look: t.Callable[[], State]) -> None:
    try:
        ready.restart.run(ready.was)
        if not look().settled(todo.variant):
            raise Failed(f"the engine runs again, and its chains are not in {todo.variant}")
    except (ValueError, Unseen) as exc:
        raise PutBack(f"{exc}: {_put_back(host, todo, ready)}") from exc


def _put_back(host: Host, todo: Plan, ready: t.Optional[Careful]) -> str:
    """How it ended. What ran before runs again then, too."""
    try:
        for choice in todo.choose:
            choice.restore(host)
        if ready:
            ready.restart.run(ready.was)
    except (ValueError, Unseen) as exc:
        return f"not all is as before: {exc}"
    return f"the alternatives are as before{', and the engine was restarted' if ready else ''}"


def _check(todo: Plan, ready: t.Optional[Careful], now: State) -> None:
    """Raises NotWhole."""
    if any(now.left(other(todo.variant))):
        raise NotWhole(f"the engine still has rules in {other(todo.variant)}")
    if ready:
        found = after(ready.host, ready.restart.action.endpoint, ready.was, ready.restart.knock)
        if found.silent:
            raise NotWhole(f"after the sweep, nobody answers at {', '.join(map(str, found.silent))}")
