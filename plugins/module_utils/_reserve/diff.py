# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What becomes of a kernel setting: of the file that keeps it over a reboot, and of the running kernel."""

from __future__ import annotations

import typing as t

BeforeAfter = t.Tuple[str, str]


def diff_of(key: str, path: str, file: BeforeAfter, live: BeforeAfter) -> t.List[t.Dict[str, str]]:
    """As Ansible shows it; only what differs. file: its text. live: the value, without a newline."""
    before, after = live
    parts = [_part(path, file), _part(f"{key} of the running kernel", (f"{before}\n", f"{after}\n"))]
    return [part for part in parts if part["before"] != part["after"]]


def _part(header: str, sides: BeforeAfter) -> t.Dict[str, str]:
    return {"before_header": header, "after_header": header, "before": sides[0], "after": sides[1]}
