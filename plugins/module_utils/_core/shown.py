# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Text that is read in a terminal."""

from __future__ import annotations


def shown(text: str) -> str:
    """Names come from hosts and may hold anything: control characters are shown and not obeyed."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
