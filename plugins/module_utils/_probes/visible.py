# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Text that comes from a host, on its way into a record or a message."""

from __future__ import annotations


def visible(text: str) -> str:
    """Bytes that are no UTF-8 as escapes, such as \\xff: a record is JSON in the end, and JSON is UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def excerpt(text: str) -> str:
    """The first of its words, for a message; what is no ASCII is shown as an escape."""
    words = " ".join(text.split())
    return ascii(words if len(words) <= 120 else words[:120] + " ...")
