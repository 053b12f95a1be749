# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The options of lookup and filter port_for and of module port_registry, and what they come to."""

from __future__ import annotations

import functools
import typing as t
from dataclasses import dataclass, replace

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.dockmaster.ports.plugins.module_utils._core.claims import claims_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.free import band_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.load import load
from ansible_collections.dockmaster.ports.plugins.module_utils._core.policy import policy_of
from ansible_collections.dockmaster.ports.plugins.plugin_utils._allocate import registry_file
from ansible_collections.dockmaster.ports.plugins.plugin_utils._allocate.allocation import (
    Ask,
    allocate,
    freed,
    key_of,
    pruned,
)
from ansible_collections.dockmaster.ports.plugins.plugin_utils._allocate.registry import Registry

NEEDED = ("sockets", "publications", "nat")  # sections without which evidence does not say what is taken
DEFAULTS: t.Mapping[str, t.Any] = {
    "band": "",
    "policy": None,
    "registry": "",
    "stack": "",
    "block": 10,
    "evidence": None,
    "prune": False,
    "write": True,
}


@dataclass(frozen=True)
class Given:
    """The port of each name, and the registry as it was and as it is to be."""

    ports: dict[str, int]
    before: Registry
    after: Registry


def ports_for(names: t.Sequence[t.Any], options: t.Mapping[str, t.Any]) -> dict[str, int]:
    """The port of each name. Raises ValueError. options: as DEFAULTS; those that are not there are so."""
    return give(names, options).ports


def give(names: t.Sequence[t.Any], options: t.Mapping[str, t.Any]) -> Given:
    """As `ports_for`, with the registry before and after; it is written if it changes and `write` is on."""
    told = _told(names, options)
    ask = _ask(told)
    taken = functools.cache(lambda: _taken(names, told["evidence"]))

    def change(before: Registry) -> Given:
        after, found = allocate(before, _avoiding(before, ask, names, taken), names)
        return Given(found, before, pruned(after, ask, names) if told["prune"] else after)

    if told["prune"] and not told["registry"]:
        raise ValueError("prune: there is no registry to prune")
    return _kept(told, change)


def take_back(names: t.Sequence[t.Any], options: t.Mapping[str, t.Any]) -> Given:
    """The registry without these names, and without the stack's block if it has no other. Raises ValueError."""
    told = _told(names, options)
    ask = _ask(told)
    return _kept(told, lambda before: Given({}, before, freed(before, ask, names)))


def _told(names: t.Sequence[t.Any], options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    unknown = [name for name in options if name not in DEFAULTS]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is not an option: expected {', '.join(DEFAULTS)}")
    told = {**DEFAULTS, **options}
    _check_names([*names, *([told["stack"]] if told["stack"] else [])])
    if told["registry"] and not isinstance(told["registry"], str):
        raise ValueError(f"registry: {told['registry']!r} is not a path")
    return {**told, **{name: _switch(told[name], name) for name in ("prune", "write")}}


def _switch(value: t.Any, name: str) -> bool:
    """As Ansible reads it: "false", as the command line gives it, is false. Raises ValueError."""
    if value is None:
        return bool(DEFAULTS[name])
    try:
        return bool(boolean(value))
    except TypeError:
        raise ValueError(f"{name}: {value!r} is not true or false") from None


def _kept(told: t.Mapping[str, t.Any], change: t.Callable[[Registry], Given]) -> Given:
    """What the change makes of the registry, written while nobody else writes it; only read where nothing changes."""
    path = told["registry"]
    given = change(registry_file.read(path) if path else Registry())
    if not path or not told["write"] or given.after == given.before:
        return given
    with registry_file.locked(path):
        given = change(registry_file.read(path))
        if given.after != given.before:
            registry_file.write(path, given.after)
    return given


def _ask(told: t.Mapping[str, t.Any]) -> Ask:
    band, block = told["band"], told["block"]
    bands = policy_of(told["policy"]).bands if told["policy"] is not None else {}
    ranges = bands[band] if isinstance(band, str) and band in bands else (_range(band, bands),)
    if isinstance(block, bool) or not isinstance(block, int) or block < 1:
        raise ValueError(f"block: {block!r} is not a number of ports: expected 1 or more")
    return Ask(str(band), ranges, told["stack"], block)


def _avoiding(registry: Registry, ask: Ask, names: t.Sequence[str], taken: t.Callable[[], frozenset[int]]) -> Ask:
    """The same, without ports that are taken. Evidence, of many hosts perhaps, is only read for names that are new."""
    known = registry.ports.get(ask.band, {})
    if all(key_of(name, ask.stack) in known for name in names):
        return ask
    return replace(ask, avoid=taken())


def _range(band: t.Any, bands: t.Mapping[str, t.Any]) -> tuple[int, int]:
    try:
        return band_of(band)
    except ValueError as exc:
        known = f"the policy has {', '.join(bands)}" if bands else "a name of a band goes with policy"
        raise ValueError(f"band: {exc}; {known}") from None


def _taken(names: t.Sequence[str], evidence: t.Any) -> frozenset[int]:
    """Ports that something other than these names has on the host, or is promised, or that the kernel gives away."""
    if evidence is None:
        return frozenset()
    if isinstance(evidence, (list, tuple)):
        return frozenset().union(*(_taken(names, one) for one in evidence))
    facts = load(evidence)
    unseen = [facts.unseen(section) for section in NEEDED if facts.unseen(section)]
    if unseen:
        raise ValueError(f"evidence: it does not show what is taken: {'; '.join(unseen)}")
    others = (claim for claim in claims_of(facts) if not any(claim.holder.is_of(name) for name in names))
    return frozenset(port for claim in others for port in claim.binding.ports())


def _check_names(names: t.Iterable[t.Any]) -> None:
    for name in names:
        if not isinstance(name, str) or not name or "@" in name or not name.isprintable():
            raise ValueError(f"{name!r} is not a name such as shop/web: expected text without @")
