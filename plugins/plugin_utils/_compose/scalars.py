# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What a plain scalar of YAML is to Compose: `22:22` and `yes` are texts, `0123` is a number in base 8.

Source: go-yaml v3, resolve.go. It reads YAML 1.2's core schema, and numbers of YAML 1.1 but for those in base 60.
"""

from __future__ import annotations

import math
import re
import typing as t

WORDS: dict[str, t.Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


def value_of(text: str) -> t.Any:
    """None, a bool, an int, a float, else the text itself."""
    if text in WORDS:
        return WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    digits = text.replace("_", "")
    whole = _INTEGER.fullmatch(digits)
    number = _whole(whole) if whole else None
    if number is not None:
        return number
    return float(digits) if _FLOAT.fullmatch(digits) else text


def _whole(match: re.Match[str]) -> int | None:
    """The number, None where it is larger than 64 bits."""
    sign, *groups = match.groups()
    group, base = next((group, base) for group, base in zip(groups, (16, 2, 8, 10), strict=True) if group)
    significant = group.lstrip("0") or "0"
    number = int(significant, base) if len(significant) <= 64 else 2**64
    return (-number if sign == "-" else number) if number < 2**64 else None
