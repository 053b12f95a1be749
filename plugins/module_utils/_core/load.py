# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Evidence from plain JSON data."""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import SCHEMA, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records import (
    binds,
    engines,
    machine,
    published,
    rules,
    sockets,
    units,
)

RECORDS = {
    name: record
    for module in (binds, engines, machine, published, rules, sockets, units)
    for name, record in vars(module).items()
    if dataclasses.is_dataclass(record)
}
"""By the name that the annotations of Evidence know them by."""

_NONE = type(None)


class EvidenceError(ValueError):
    """A document that is no evidence of this schema. The message names the field and quotes what is there."""


def load(document: t.Any) -> Evidence:
    """The evidence in a document of `port_facts`, as gathered, cached or read from a report.

    Fields that this release does not know are ignored; a section that is absent was not seen.
    Raises EvidenceError for another schema, and for anything that is no evidence.
    """
    if not isinstance(document, t.Mapping) or "schema" not in document:
        raise EvidenceError(
            f"{str(document)[:60]!r} is not evidence: expected what port_facts returns, such as ansible_facts['ports']"
        )
    if document["schema"] != SCHEMA:
        raise EvidenceError(
            f"the evidence has schema {document['schema']}, and this release of dockmaster.ports reads {SCHEMA}: "
            "gather it again with the dockmaster.ports release installed on this controller"
        )
    evidence: Evidence = _read(Evidence, document, "evidence")
    return evidence


@functools.lru_cache(maxsize=None)
def _readers(record: type) -> t.Dict[str, t.Callable[[t.Any, str], t.Any]]:
    """A reader a field. Cached: get_type_hints is ten times the cost of everything else here."""
    return {name: _reader(hint) for name, hint in t.get_type_hints(record, localns=RECORDS).items()}


def _read(record: t.Any, value: t.Any, where: str) -> t.Any:
    if not isinstance(value, t.Mapping):
        raise EvidenceError(f"{where} is {type(value).__name__} {str(value)[:40]!r}: expected a mapping")
    readers = _readers(record)
    try:
        return record(**{key: readers[key](field, f"{where}.{key}") for key, field in value.items() if key in readers})
    except TypeError as exc:
        raise EvidenceError(f"{where} is not whole: {exc}") from exc


def _reader(hint: t.Any) -> t.Callable[[t.Any, str], t.Any]:
    origin: t.Any = getattr(hint, "__origin__", None)
    args: t.Tuple[t.Any, ...] = getattr(hint, "__args__", ())
    if origin is t.Union:
        inner = _reader(next(arg for arg in args if arg is not _NONE))
        return lambda value, where: None if value is None else inner(value, where)
    if origin is tuple:
        return functools.partial(_read_tuple, _reader(args[0]))
    if dataclasses.is_dataclass(hint):
        return functools.partial(_read, hint)
    if origin is dict:
        return functools.partial(_read_plain, (t.Mapping,))
    # What passes through a fact cache or a template may come back as a subclass of str or int: those are kept
    return functools.partial(_read_plain, {float: (int, float), int: (int,), str: (str,), bool: (bool,)}[hint])


def _read_tuple(inner: t.Callable[[t.Any, str], t.Any], value: t.Any, where: str) -> t.Tuple[t.Any, ...]:
    if not isinstance(value, (list, tuple)):
        raise EvidenceError(f"{where} is {type(value).__name__} {str(value)[:40]!r}: expected a list")
    return tuple([inner(one, where) for one in value])


def _read_plain(kinds: t.Tuple[type, ...], value: t.Any, where: str) -> t.Any:
    if not isinstance(value, kinds):
        expected = " or ".join(kind.__name__.lower() for kind in kinds)
        raise EvidenceError(f"{where} is {type(value).__name__} {str(value)[:40]!r}: expected {expected}")
    return value
