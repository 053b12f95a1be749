# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Text that comes from a host, on its way into a record."""

from __future__ import annotations


def visible(text: str) -> str:
    """Bytes that are no UTF-8 as escapes, such as \\xff: a record is JSON in the end, and JSON is UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
