# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Lines for people, through Ansible's own display: its colours, its log, its settings."""

from __future__ import annotations

import typing as t

from ansible import constants as C
from ansible.utils.color import stringc
from ansible.utils.display import Display

from ansible_collections.dockmaster.ports.plugins.plugin_utils._audit_text import Said

COLORS = {
    "exposed": C.COLOR_ERROR,
    "blocked": C.COLOR_ERROR,
    "diverted": C.COLOR_ERROR,
    "failed": C.COLOR_UNREACHABLE,
    "at_risk": C.COLOR_WARN,
    "orphan": C.COLOR_WARN,
    "policy": C.COLOR_WARN,
    "unknown": C.COLOR_WARN,
    "open": C.COLOR_WARN,
    "quiet": C.COLOR_OK,
}


def show(lines: t.Iterable[Said]) -> None:
    """All at once: between two calls, results of other hosts may be printed."""
    said = list(lines)
    display = Display()
    display.display("\n".join(_colored(one) for one in said), screen_only=True)
    display.display("\n".join(one.text for one in said), log_only=True)


def _colored(said: Said) -> str:
    return stringc(said.text, COLORS[said.level]) if said.level in COLORS else said.text
