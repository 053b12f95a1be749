# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""How long ago something ended."""

from __future__ import annotations

import calendar
import re
import time
import typing as t

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_AGE = re.compile(r"([0-9]+)([smhdw])")
_NEVER = "0001-01-01"  # what Go prints for no time
_STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)")


class AgeError(ValueError):
    """Text that is no age."""


def seconds_of(age: str) -> int:
    """`30d` in seconds. Raises AgeError."""
    match = _AGE.fullmatch(age)
    if not match:
        raise AgeError(f"{age!r} is not an age: expected a number and s, m, h, d or w, such as 30d")
    return int(match[1]) * _UNITS[match[2]]


def moment_of(text: str) -> t.Optional[float]:
    """RFC 3339, as engines print it, in seconds since the epoch; None for no time."""
    match = _STAMP.fullmatch(text)
    if not match or text.startswith(_NEVER):
        return None
    moment = calendar.timegm(time.strptime(match[1], "%Y-%m-%dT%H:%M:%S"))
    if match[2] == "Z":
        return float(moment)
    hours, minutes = int(match[2][1:3]), int(match[2][4:6])
    offset = (hours * 60 + minutes) * 60
    return float(moment - offset if match[2][0] == "+" else moment + offset)
