# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations


class ModuleDocFragment:
    """What the attributes mean; each plugin says how far it supports them."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return what it would change, without changing anything.
  diff_mode:
    description: Returns details of what changed, or would change in check mode, when in diff mode.
  idempotent:
    description:
      - Run twice in a row, outside of check mode and with the same arguments, the second run reports no change.
      - This assumes that the host was not changed in between.
  platform:
    description: Target systems on which it works.
"""

    FACTS = r"""
options: {}
attributes:
  facts:
    description: Returns C(ansible_facts), so the data is kept for the host's later tasks and in the fact cache.
"""
