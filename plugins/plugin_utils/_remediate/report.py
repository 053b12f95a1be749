# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""One host out of an audit's report, which may hold the evidence of thousands.

Every host reads the report for itself, in a process of its own. Where it has the lines that an audit writes, only the
host's own part is parsed: a line break in JSON is never part of a text, so lines tell parts apart for certain.
"""

from __future__ import annotations

import json
import mmap
import re
import typing as t

_SCHEMA = re.compile(rb'\n "schema": (\d+)\n}\n*\Z')
_TAIL = 200  # bytes that hold the last line


def report_with(path: str, name: str) -> t.Any:
    """The report, with no other host where that is cheap. Raises OSError, ValueError for what is no JSON."""
    with open(path, "rb") as file:
        if not file.seek(0, 2):
            raise ValueError("it is empty")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
            return cut(text, name) or json.loads(text[:])


def cut(text: mmap.mmap | bytes, name: str) -> dict[str, t.Any] | None:
    """The report with this host alone; None if the host or the lines are not as an audit writes them."""
    at = text.find(b'\n   "name": ' + json.dumps(name).encode() + b",\n")
    first, last = text.rfind(b"\n  {\n", 0, at), text.find(b"\n  }", at)
    schema = _SCHEMA.search(text[-_TAIL:])
    if min(at, first, last) < 0 or schema is None:
        return None
    return {"schema": int(schema[1]), "hosts": [json.loads(text[first : last + 4])]}
