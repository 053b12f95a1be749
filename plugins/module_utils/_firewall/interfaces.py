# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Interfaces as a policy names them: `eth0`, or `tun*` for every one whose name begins so."""

from __future__ import annotations

import re

FORM = "expected a name such as eth0, or tun*"

_NAME = re.compile(r"(?!\.{1,2}\Z)(?:[A-Za-z0-9_.:@-]{1,15}|[A-Za-z0-9_.:@-]{1,14}\*)\Z")


class InterfaceError(ValueError):
    """A text that names no interface. The message quotes it and says what was expected."""


def parse(text: str) -> str:
    """The text, if it names one. Raises InterfaceError."""
    if not _NAME.match(str(text)):
        raise InterfaceError(f"{text!r} is not an interface: {FORM}")
    return str(text)


def covers(wide: str, narrow: str) -> bool:
    """Whether each interface that `narrow` names is one that `wide` names."""
    return narrow.startswith(wide[:-1]) if wide.endswith("*") else narrow == wide
