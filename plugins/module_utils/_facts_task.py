# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A task of port_facts: its options and its result. The same wherever it runs."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._arguments import ENGINE_ARGUMENTS
from ansible_collections.dockmaster.ports.plugins.module_utils._collect import collect
from ansible_collections.dockmaster.ports.plugins.module_utils._compatible import listen_ports
from ansible_collections.dockmaster.ports.plugins.module_utils._core.dump import dump
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import SECTIONS
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request

PACKED = "packed"  # an option, and the one key of the result that it asks for

ARGUMENTS: t.Dict[str, t.Any] = {
    "sections": {"type": "list", "elements": "str", "default": ["all"], "choices": ["all", *SECTIONS]},
    "focus": {"type": "list", "elements": "str", "default": []},
    "command_lines": {"type": "bool", "default": False},
    "compatible_view": {"type": "bool", "default": False},
    PACKED: {"type": "bool", "default": False},
    **ENGINE_ARGUMENTS,
}


def gathered(host: Host, request: Request, compatible_view: bool) -> t.Dict[str, t.Any]:
    """The task's result."""
    evidence = collect(host, request)
    facts = {"ports": dump(evidence)}
    if compatible_view:
        facts.update(listen_ports(evidence))
    return {"ansible_facts": facts}


def packed(result: t.Mapping[str, t.Any]) -> t.Dict[str, str]:
    """A result as one text of JSON.

    Ansible goes through what a module returns value by value, before it is sent and when it arrives. A host of many
    sockets returns tens of thousands of values, and that takes longer than to find them.
    """
    return {PACKED: json.dumps(result, separators=(",", ":"))}


def unpacked(result: t.Dict[str, t.Any]) -> t.Dict[str, t.Any]:
    """What arrived of a module, whole again; one that failed packed nothing."""
    text = result.pop(PACKED, None)
    if text is None:
        return result
    whole = json.loads(text)
    # Ansible itself puts the interpreter that it found among the facts
    return {**result, **whole, "ansible_facts": {**result.get("ansible_facts", {}), **whole["ansible_facts"]}}
