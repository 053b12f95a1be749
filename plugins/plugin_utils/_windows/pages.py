# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Text of Windows programs: some print UTF-8, most the OEM code page, and none says which."""

from __future__ import annotations

import codecs

UTF_8 = 65001


def decoded(data: bytes, page: int) -> str:
    """UTF-8 where it is that throughout, else as of the page. A byte that is none of it becomes a lone surrogate:
    as \\xNN, which `visible` makes of it in names and messages, parsers would take its digits for the host's.

    Nothing that is read from such text depends on the choice: it is made for names that people read.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode(_codec(page), "surrogateescape")


def _codec(page: int) -> str:
    try:
        return codecs.lookup("utf-8" if page == UTF_8 else f"cp{page}").name
    except LookupError:  # pages that Python does not have: what is ASCII is the same in all of them
        return "ascii"
