# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Ports for names: where a name's hash points to, else the next that is free.

A name that the registry knows keeps its port whatever else comes. Names that are asked for together are placed in
sorted order, so that the order they are named in does not matter.
"""

from __future__ import annotations

import hashlib
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._core.free import Band
from ansible_collections.dockmaster.ports.plugins.plugin_utils._allocate.registry import Registry


class AllocationError(ValueError):
    """No port is left. The message says of what band, for whom, and what is in the way."""


@dataclass(frozen=True)
class Ask:
    """What ports are wanted from.

    band: its name; ranges: its ports. stack: of several copies of one project, such as a branch or a worktree; each has
    a block of `block` ports of its own. avoid: ports that are taken for reasons of their own.
    """

    band: str
    ranges: tuple[Band, ...]
    stack: str = ""
    block: int = 0
    avoid: frozenset[int] = frozenset()


def allocate(registry: Registry, ask: Ask, names: t.Iterable[str]) -> tuple[Registry, dict[str, int]]:
    """The registry with every name in it, and their ports. Raises AllocationError."""
    taken = {port for known in registry.ports.values() for port in known.values()} | ask.avoid
    if ask.stack:
        registry, ports = _block(registry, ask, taken)
    else:
        blocked = [block for stacks in registry.blocks.values() for block in stacks.values()]
        ports = [port for port in _all(ask.ranges) if not any(first <= port <= last for first, last in blocked)]
    known = dict(registry.ports.get(ask.band, {}))
    found: dict[str, int] = {}
    for name in sorted(set(names)):
        key = key_of(name, ask.stack)
        if key not in known:
            known[key] = _free(ports, key, taken, ask)
            taken.add(known[key])
        found[name] = known[key]
    return Registry({**registry.ports, ask.band: known}, registry.blocks), found


def key_of(name: str, stack: str) -> str:
    """A name's key in the registry."""
    return f"{name}@{stack}" if stack else name


def pruned(registry: Registry, ask: Ask, names: t.Iterable[str]) -> Registry:
    """The registry without those names of the band, and of the stack if there is one, that are not among these."""
    keep = {key_of(name, ask.stack) for name in names}
    known = registry.ports.get(ask.band, {})
    left = {key: port for key, port in known.items() if key in keep or not _is_of(key, ask.stack)}
    blocks = dict(registry.blocks.get(ask.band, {}))
    if ask.stack and not keep:
        blocks.pop(ask.stack, None)
    return Registry(
        {**registry.ports, ask.band: left},
        {**registry.blocks, ask.band: blocks}
        if blocks
        else {band: stacks for band, stacks in registry.blocks.items() if band != ask.band},
    )


def freed(registry: Registry, ask: Ask, names: t.Iterable[str]) -> Registry:
    """The registry without these names of the band and stack, and without the stack's block if it has no name left."""
    gone = {key_of(name, ask.stack) for name in names}
    left = {key: port for key, port in registry.ports.get(ask.band, {}).items() if key not in gone}
    stacks = dict(registry.blocks.get(ask.band, {}))
    if ask.stack and not any(_is_of(key, ask.stack) for key in left):
        stacks.pop(ask.stack, None)
    return Registry(_with(registry.ports, ask.band, left), _with(registry.blocks, ask.band, stacks))


def _with(bands: t.Mapping[str, t.Any], band: str, entries: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The bands with this one's entries replaced; a band without any is none."""
    others = {name: known for name, known in bands.items() if name != band}
    return {**others, band: entries} if entries else others


def _is_of(key: str, stack: str) -> bool:
    return key.rpartition("@")[2] == stack if stack else "@" not in key


def _block(registry: Registry, ask: Ask, taken: set[int]) -> tuple[Registry, list[int]]:
    """The stack's block, a new one if it has none: aligned, with nothing taken in it, of no other stack."""
    stacks = registry.blocks.get(ask.band, {})
    if ask.stack not in stacks:
        others = [block for known in registry.blocks.values() for block in known.values()]
        starts = [start for first, last in ask.ranges for start in range(first, last - ask.block + 2, ask.block)]
        for start in _from(starts, ask.stack):
            block = (start, start + ask.block - 1)
            if not any(low <= block[1] and block[0] <= high for low, high in others) and not any(
                port in taken for port in range(block[0], block[1] + 1)
            ):
                stacks = {**stacks, ask.stack: block}
                break
        else:
            raise AllocationError(
                f"band {ask.band} ({_shown(ask.ranges)}) has no {ask.block} free ports in a row for stack {ask.stack}"
            )
    first, last = stacks[ask.stack]
    return Registry(registry.ports, {**registry.blocks, ask.band: stacks}), list(range(first, last + 1))


def _free(ports: t.Sequence[int], key: str, taken: t.Container[int], ask: Ask) -> int:
    for port in _from(ports, key):
        if port not in taken:
            return port
    where = (
        f"block {ports[0]}-{ports[-1]} of stack {ask.stack}" if ask.stack else f"band {ask.band} ({_shown(ask.ranges)})"
    )
    raise AllocationError(f"{where} has no free port for {key}: all {len(ports)} are taken")


def _from(places: t.Sequence[int], key: str) -> t.Iterator[int]:
    """All places, from the one that the key's hash points to, round to the one before it."""
    if not places:
        return
    home = int.from_bytes(hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()[:8], "big") % len(places)
    for step in range(len(places)):
        yield places[(home + step) % len(places)]


def _all(ranges: t.Iterable[Band]) -> list[int]:
    return [port for first, last in ranges for port in range(first, last + 1)]


def _shown(ranges: t.Iterable[Band]) -> str:
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)
