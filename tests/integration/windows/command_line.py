# SPDX-License-Identifier: GPL-3.0-or-later
"""A command line taken apart as programs on Windows do, so that quoting is tested and not believed.

Source: "Parsing C command-line arguments" of Microsoft's C runtime.
"""

from __future__ import annotations

import re
import typing as t

_TOKEN = re.compile(r'(\\*)"|(\s+)|([^\s"\\]+|\\+)')


def split(line: str) -> t.List[str]:
    r"""Words. `\"` is a quote, `\\"` a backslash and the quote's end; other backslashes are themselves."""
    words: t.List[str] = []
    word: t.Optional[str] = None
    quoted = False
    for match in _TOKEN.finditer(line):
        slashes, blank, text = match.groups()
        if slashes is not None:
            word = (word or "") + "\\" * (len(slashes) // 2)
            if len(slashes) % 2:
                word += '"'
            else:
                quoted = not quoted
        elif blank and not quoted:
            words += [] if word is None else [word]
            word = None
        else:
            word = (word or "") + (blank or text)
    return words + ([] if word is None else [word])
