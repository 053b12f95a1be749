# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Evidence to plain JSON data."""

from __future__ import annotations

import dataclasses
import functools
import typing as t

_PLAIN = frozenset((str, int, float, bool, type(None)))


def dump(evidence: t.Any) -> t.Any:
    """A record as plain JSON data: mappings, lists, texts, numbers."""
    if type(evidence) in _PLAIN:  # nearly all of a document, and the other questions cost ten times this one
        return evidence
    if dataclasses.is_dataclass(evidence):
        names = _names(t.cast(t.Hashable, type(evidence)))
        return {name: dump(getattr(evidence, name)) for name in names}
    if isinstance(evidence, (tuple, list)):
        return [dump(one) for one in evidence]
    if isinstance(evidence, dict):
        return {str(key): dump(value) for key, value in evidence.items()}
    return evidence


@functools.lru_cache(maxsize=None)
def _names(record: t.Any) -> t.Tuple[str, ...]:
    return tuple(f.name for f in dataclasses.fields(record))
