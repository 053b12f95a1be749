# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Which name has which port: a YAML file of the inventory, one line a name, sorted, so that branches of it merge."""

from __future__ import annotations

import itertools
import json
import typing as t
from dataclasses import dataclass, field

import yaml

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import MAX_PORT, BindingError
from ansible_collections.dockmaster.ports.plugins.module_utils._core.free import Band, band_of

Ports = t.Mapping[str, t.Mapping[str, int]]  # by band and name
Blocks = t.Mapping[str, t.Mapping[str, Band]]  # by band and stack

_HEAD = """\
---
# Ports by band and name, as port_for of dockmaster.ports gave them out. An entry written by hand holds as well.
# One line a name, sorted. Take out a line, and its name gets a port anew. Comments are not kept.
"""


class RegistryError(ValueError):
    """A registry that cannot be read or written, or says what cannot be. The message names the file."""


@dataclass(frozen=True)
class Registry:
    """No port has two names in one band or in several."""

    ports: Ports = field(default_factory=dict)
    blocks: Blocks = field(default_factory=dict)

    def text(self) -> str:
        lines = [_HEAD, "ports:" if self.ports else "ports: {}", "\n"]
        for band, names in sorted(self.ports.items()):
            lines += _lines(band, {name: str(port) for name, port in names.items()})
        if self.blocks:
            lines.append("blocks:\n")
        for band, stacks in sorted(self.blocks.items()):
            lines += _lines(band, {stack: f"{first}-{last}" for stack, (first, last) in stacks.items()})
        return "".join(lines)


def _lines(band: str, entries: t.Mapping[str, str]) -> list[str]:
    return [f"  {_quoted(band)}:\n", *(f"    {_quoted(name)}: {entries[name]}\n" for name in sorted(entries))]


def _quoted(name: str) -> str:
    """As YAML reads it back: JSON's own escapes for what lies beyond 16 bits are not YAML's."""
    return json.dumps(name, ensure_ascii=False)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Refuses a key that is there twice, as a merge of branches may leave it: YAML forgets what the first held."""

    def construct_mapping(self, node: t.Any, deep: bool = False) -> t.Any:
        lines: dict[str, int] = {}
        for key in (key for key, _value in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in lines:
                told = f"{key.value!r} is there already at line {lines[key.value]}: put the two together"
                raise yaml.MarkedYAMLError(problem=told, problem_mark=key.start_mark)
            lines[key.value] = key.start_mark.line + 1
        return super().construct_mapping(node, deep)


def registry_of(text: str, file: str) -> Registry:
    """Raises RegistryError that names the entry at fault."""
    try:
        data = yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        line = f"line {mark.line + 1}: " if mark else ""
        raise RegistryError(f"{file}: {line}{getattr(exc, 'problem', None) or exc}") from None
    except (ValueError, RecursionError) as exc:  # `2026-02-30` and `!!int x`; brackets without end
        raise RegistryError(f"{file}: {exc}") from None
    if data is None:
        return Registry()
    found = _mappings(data, file, "the registry")
    unknown = [key for key in found if key not in ("ports", "blocks")]
    if unknown:
        raise RegistryError(f"{file}: {unknown[0]!r} is not a key of a registry: expected ports and blocks")
    registry = Registry(
        {band: _ports(names, file, band) for band, names in _mappings(found.get("ports"), file, "ports").items()},
        {band: _blocks(names, file, band) for band, names in _mappings(found.get("blocks"), file, "blocks").items()},
    )
    _check_single(registry, file)
    return registry


def _mappings(value: t.Any, file: str, key: str) -> dict[str, t.Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RegistryError(f"{file}: {key}: {value!r} is not a mapping")
    for name in value:
        if not isinstance(name, str):
            raise RegistryError(f"{file}: {key}: {name!r} is not text: put it in quotes")
    return value


def _ports(value: t.Any, file: str, band: str) -> dict[str, int]:
    names = _mappings(value, file, f"ports: {band}")
    for name, port in names.items():
        if isinstance(port, bool) or not isinstance(port, int) or not 1 <= port <= MAX_PORT:
            raise RegistryError(f"{file}: ports: {band}: {name}: {port!r} is not a port within 1-{MAX_PORT}")
    return names


def _blocks(value: t.Any, file: str, band: str) -> dict[str, Band]:
    try:
        return {stack: band_of(text) for stack, text in _mappings(value, file, f"blocks: {band}").items()}
    except BindingError as exc:
        raise RegistryError(f"{file}: blocks: {band}: {exc}") from None


def _check_single(registry: Registry, file: str) -> None:
    """Raises RegistryError for a port of two names, or of two stacks' blocks, as a merge of branches may leave it."""
    holders: dict[int, str] = {}
    for band, names in registry.ports.items():
        for name, port in names.items():
            other = holders.setdefault(port, f"{name} of {band}")
            if other != f"{name} of {band}":
                raise RegistryError(
                    f"{file}: {other} and {name} of {band} both have port {port}: take out one of the two lines, "
                    "and its name gets another port"
                )
    blocks = sorted(
        (block, f"{stack} of {band}") for band, stacks in registry.blocks.items() for stack, block in stacks.items()
    )
    for (first, one), (second, other) in itertools.pairwise(blocks):
        if second[0] <= first[1]:
            raise RegistryError(
                f"{file}: blocks: {one} and {other} both have port {second[0]}: take out one of the two lines, "
                "and its stack gets another block"
            )
