# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The options of lookup and filter port_for, and what they come to."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.claims import claims_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.codec import load
from ansible_collections.dockmaster.ports.plugins.module_utils._core.free import band_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.policy import policy_of
from ansible_collections.dockmaster.ports.plugins.plugin_utils._allocate import registry as registries
from ansible_collections.dockmaster.ports.plugins.plugin_utils._allocate.allocation import Ask, allocate, pruned

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


def ports_for(names: t.Sequence[t.Any], options: t.Mapping[str, t.Any]) -> dict[str, int]:
    """The port of each name. Raises ValueError. options: as DEFAULTS; those that are not there are so."""
    unknown = [name for name in options if name not in DEFAULTS]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is not an option: expected {', '.join(DEFAULTS)}")
    told = {**DEFAULTS, **options}
    _check_names([*names, *([told["stack"]] if told["stack"] else [])])
    ask = _ask(names, told)
    if not told["registry"]:
        if told["prune"]:
            raise ValueError("prune: there is no registry to prune")
        return allocate(registries.Registry(), ask, names)[1]
    if not told["write"]:
        return allocate(registries.read(told["registry"]), ask, names)[1]
    with registries.locked(told["registry"]):
        before = registries.read(told["registry"])
        after, found = allocate(before, ask, names)
        after = pruned(after, ask, names) if told["prune"] else after
        if after != before:
            registries.write(told["registry"], after)
    return found


def _ask(names: t.Sequence[str], told: t.Mapping[str, t.Any]) -> Ask:
    band, block = told["band"], told["block"]
    if told["policy"] is not None:
        bands = policy_of(told["policy"]).bands
        if band not in bands:
            raise ValueError(
                f"band: {band!r} is not a band of the policy: expected {', '.join(bands) or 'one of its bands'}"
            )
        ranges = bands[band]
    else:
        ranges = (_range(band),)
    if isinstance(block, bool) or not isinstance(block, int) or block < 1:
        raise ValueError(f"block: {block!r} is not a number of ports: expected 1 or more")
    return Ask(str(band), ranges, told["stack"], block, _taken(names, told["evidence"]))


def _range(band: t.Any) -> tuple[int, int]:
    try:
        return band_of(band)
    except ValueError as exc:
        raise ValueError(f"band: {exc}; a name of a band goes with policy") from None


def _taken(names: t.Sequence[str], evidence: t.Any) -> frozenset[int]:
    """Ports that something other than these names has on the host, or is promised, or that the kernel gives away."""
    if evidence is None:
        return frozenset()
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
