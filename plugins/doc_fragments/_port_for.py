# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations


class ModuleDocFragment:
    """What ports are given out of, by lookup and filter port_for and by module port_registry."""

    DOCUMENTATION = r"""
options:
  band:
    description: The name of a band of O(policy), or ports such as V(3000-3099).
    type: str
    required: true
  policy:
    description: Conventions, as P(dockmaster.ports.port_policy_findings#filter) takes them. Its C(bands) are read.
    type: dict
  stack:
    description:
      - Which of several copies of a project the names are of, such as a branch or a worktree. Each gets a block of
        ports of its own.
    type: str
    default: ""
  block:
    description: How many ports the block of a new stack has.
    type: int
    default: 10
"""
