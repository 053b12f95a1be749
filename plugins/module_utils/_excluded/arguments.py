# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The options of win_port_reservation, which is an action for Windows and a module for WSL."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.netsh import FAMILIES
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.refusal import ALWAYS, IF_NEEDED, NEVER
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.rows import Wish
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.settle import Task
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.wish import BOTH, PROTOCOLS, wishes
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.ports import NONE

SPEC: t.Dict[str, t.Dict[str, t.Any]] = {
    "ranges": {"type": "list", "elements": "str", "required": True},
    "protocol": {"type": "str", "choices": [BOTH, *PROTOCOLS], "default": "tcp"},
    "state": {"type": "str", "choices": ["absent", "exactly", "present"], "default": "present"},
    "store": {"type": "str", "choices": ["active", "persistent"], "default": "persistent"},
    "families": {"type": "list", "elements": "str", "choices": list(FAMILIES), "default": list(FAMILIES)},
    "restart_winnat": {"type": "str", "choices": [ALWAYS, IF_NEEDED, NEVER], "default": NEVER},
}


def task_of(options: t.Mapping[str, t.Any]) -> Task:
    """Raises PortsError. Where winnat is restarted for its own sake, both protocols are looked at."""
    named = wishes(options["ranges"], options["protocol"], options["state"], options["store"])
    if options["restart_winnat"] == ALWAYS:
        named = {**dict.fromkeys(PROTOCOLS, Wish(NONE)), **named}
    return Task(named, tuple(dict.fromkeys(options["families"])))
