# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A project that is given as data, as Ansible read it: YAML 1.1, in which 22:22 is 1342."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import want_of
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.problem import ComposeError, where
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.yaml_nodes import MAX_DEPTH
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.yaml_tree import Document


def given(data: t.Any, file: str) -> Document:
    """The data as a document. Raises ComposeError for keys that are no text, and for ports that became numbers."""
    plain = _plain(data, file, 0)
    services = plain.get("services") if isinstance(plain, dict) else None
    for name, service in (services if isinstance(services, dict) else {}).items():
        ports = service.get("ports") if isinstance(service, dict) else None
        for port in ports if isinstance(ports, list) else []:
            _check_number(port, where(file, name, "ports"))
    return Document(plain, ())


def _plain(value: t.Any, file: str, depth: int) -> t.Any:
    if depth > MAX_DEPTH:
        raise ComposeError(f"{where(file)}nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, t.Mapping):
        for key in value:
            if not isinstance(key, str):
                raise ComposeError(f"{where(file)}key {key!r} is not text: put it in quotes")
        return {key: _plain(one, file, depth + 1) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one, file, depth + 1) for one in value]
    return value


def _check_number(port: t.Any, place: str) -> None:
    if isinstance(port, int):
        try:
            want_of(port)
        except ValueError as exc:
            raise ComposeError(f"{place}{exc}") from exc
