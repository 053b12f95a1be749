# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Carries a plan out, in the order in which a kill at any point leaves no reservation that nobody remembers."""

from __future__ import annotations

import contextlib

from ansible_collections.dockmaster.ports.plugins.module_utils._dropins import write
from ansible_collections.dockmaster.ports.plugins.module_utils._files import Module
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.kernel import (
    PROC,
    look_whether_writable,
    reserve,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.plan import FILE, Plan
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.ports import NONE, Ports


def carry_out(module: Module, todo: Plan) -> None:
    """What is released is released before that is written down, what is added is added after.

    Raises Changed, NotTaken, OSError.
    """
    less = todo.live & todo.wanted
    _kernel(module, todo.live, less)
    try:
        write(module, FILE, todo.before, todo.after)
        _kernel(module, less, todo.wanted)
    except (OSError, ValueError):
        _undo(module, todo)
        raise


def _undo(module: Module, todo: Plan) -> None:
    """Both as they were, as far as this host lets us."""
    with contextlib.suppress(OSError, ValueError):
        write(module, FILE, todo.after, todo.before)
    with contextlib.suppress(OSError, ValueError):
        _kernel(module, NONE, todo.live)


def _kernel(module: Module, now: Ports, wanted: Ports) -> None:
    if now == wanted:
        return
    if module.check_mode:
        look_whether_writable(PROC)
    else:
        reserve(wanted)
