# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What in the kernel is ours, by its name."""

from __future__ import annotations

CHAIN = "DOCKMASTER"  # and all chains that begin with it and a dash
TABLE = "inet dockmaster"
