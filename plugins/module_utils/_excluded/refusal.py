# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Rows of Windows' own where ports are to be reserved, and whether winnat may, and can, be stopped for them."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.report import rows_text
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.netsh import Excluded

DISRUPTS = (
    "the network of running Windows containers, of WSL 2 with NAT networking and of virtual machines behind a NAT"
    " switch of Hyper-V is cut"
)
NEVER, IF_NEEDED, ALWAYS = "never", "if_needed", "always"


def of_rows(rows: t.Sequence[Excluded], restart: str, runs: bool, obstacle: str) -> str:
    """Why nothing can be reserved there; empty if it can. obstacle: what keeps winnat from being stopped."""
    single = [row for row in rows if row.first == row.last]
    if single and restart != ALWAYS:
        return (
            f"Windows itself keeps {rows_text(single)} for services (HTTP.sys and the like), and lets none reserve"
            " there; a stop of winnat lets go of blocks alone"
        )
    if not rows or (restart != NEVER and runs and not obstacle):
        return ""
    why = f"Windows itself keeps {rows_text(rows)} (Hyper-V, WinNAT or HTTP.sys), and lets none reserve there"
    if obstacle:
        return f"{why}; {obstacle}"
    if restart == NEVER:
        return f"{why}: restart_winnat=if_needed stops the service winnat for a moment, in which {DISRUPTS}"
    return f"{why}, and the service winnat, whose stop lets go of its blocks, does not run"
