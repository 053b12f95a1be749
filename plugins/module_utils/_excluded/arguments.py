# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The options of win_port_reservation, which is an action for Windows and a module for WSL."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.netsh import FAMILIES
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.settle import Task
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.wish import BOTH, PROTOCOLS, wishes

SPEC: t.Dict[str, t.Dict[str, t.Any]] = {
    "ranges": {"type": "list", "elements": "str", "required": True},
    "protocol": {"type": "str", "choices": [BOTH, *PROTOCOLS], "default": "tcp"},
    "state": {"type": "str", "choices": ["absent", "exactly", "present"], "default": "present"},
    "store": {"type": "str", "choices": ["active", "persistent"], "default": "persistent"},
    "families": {"type": "list", "elements": "str", "choices": list(FAMILIES), "default": list(FAMILIES)},
    "restart_winnat": {"type": "str", "choices": ["if_needed", "never"], "default": "never"},
}


def task_of(options: t.Mapping[str, t.Any]) -> Task:
    """Raises PortsError."""
    named = wishes(options["ranges"], options["protocol"], options["state"], options["store"])
    return Task(named, tuple(dict.fromkeys(options["families"])))


def may_restart(options: t.Mapping[str, t.Any]) -> bool:
    return bool(options["restart_winnat"] == "if_needed")
