# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A binding that somebody asks for."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import Binding


@dataclass(frozen=True)
class Want:
    """A published port of a task, a container or a compose service.

    binding: ip is ANY where no host address was asked for; ports 0 where the engine chooses.
    publish: the words it was asked for in, so that anybody can ask again.
    by: who asks, "project/service" or a container's name; it never stands in its own way.
    choice: "all" ports of the binding, or "any" one of them (a range of host ports for one container port).
    target: first container port; 0 for a bare binding. mode: "ingress" or "host" where the long form says so.
    targets: how many container ports there are from `target` on; where the engine chooses, how many it will choose.
    replica: which of several containers of one service wants it, from 1: each needs a port of its own.
    """

    binding: Binding
    publish: str
    by: str = ""
    choice: str = "all"
    target: int = 0
    mode: str = ""
    targets: int = 1
    replica: int = 1
