# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Values out of an engine's documents, whatever those hold: what is not of the kind expected reads as empty."""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import BindingError, canonical
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen

Document = t.Mapping[str, t.Any]

_LONE = re.compile("[\ud800-\udfff]")


def decoded(text: str, source: str) -> t.Any:
    """The data in a JSON text. Raises Unseen, which quotes the start of what is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise Unseen(f"{source} was answered with what is no JSON: {visible(text[:60])!r}") from exc


def visible(text: str) -> str:
    """Half characters and bytes that are no UTF-8 as escapes, such as \\xff: a record is UTF-8 in the end."""
    return _LONE.sub(_escape, text)


def _escape(match: t.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"


def within(value: t.Any, *keys: str) -> t.Any:
    """What is at the end of the keys; None where there is no such thing."""
    for key in keys:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def text(value: t.Any, *keys: str) -> str:
    found = within(value, *keys)
    return visible(found) if isinstance(found, str) else ""


def number(value: t.Any, *keys: str) -> t.Optional[int]:
    found = within(value, *keys)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def mapping(value: t.Any, *keys: str) -> Document:
    found = within(value, *keys)
    return found if isinstance(found, dict) else {}


def items(value: t.Any, *keys: str) -> t.List[t.Any]:
    found = within(value, *keys)
    return found if isinstance(found, list) else []


def address(value: t.Any, *keys: str) -> str:
    """An address as bindings write it. Empty for what is none: engines take such a host address for none, too."""
    found = text(value, *keys)
    try:
        return canonical(found) if found not in ("", "*") else ""
    except BindingError:
        return ""
