# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What is to change in a document so that it has, or no longer has, what somebody wants."""

from __future__ import annotations

import math
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.json_edit import GONE, Change, Path
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.keys import list_policy

POLICIES = ("union", "by_key", "replace")
Json = t.Mapping[str, t.Any]


class ConfigError(ValueError):
    """Wanted keys that make no sense. The message names the key."""


def present(current: Json, wanted: Json, policies: t.Mapping[str, str], path: Path = ()) -> t.Iterator[Change]:
    """Mappings key by key; a list by its policy (`policies` by dotted path, else the key's own). Raises ConfigError."""
    for key, new in wanted.items():
        value, here = new, (*path, str(key))
        _refuse_empty(value, here)
        old = current.get(key, GONE)
        if isinstance(value, dict) and isinstance(old, dict):
            yield from present(old, value, policies, here)
            continue
        if isinstance(value, list):
            value = _merged(old if isinstance(old, list) else [], value, _policy(here, policies))
        if old is GONE or not same(old, value):
            yield Change(here, value)


def removed(current: Json, keys: t.Collection[str], wanted: Json) -> t.Iterator[Change]:
    """Keys that are to be gone beside wanted ones that are to be there. Raises ConfigError."""
    for key in keys:
        if key in wanted:
            raise ConfigError(f"remove: {key} is in config, too: it cannot be there and be gone")
        if "." in key:
            raise ConfigError(f"remove: {key} is not a key of the file: expected one such as features, or state=absent")
    yield from absent(current, dict.fromkeys(keys))


def _refuse_empty(value: t.Any, path: Path) -> None:
    if value is None:
        raise ConfigError(f"{dotted(path)} has no value: expected one, or state=absent to remove the key")
    if isinstance(value, float) and not math.isfinite(value):
        raise ConfigError(f"{dotted(path)} is {value}: JSON has no such number")
    if isinstance(value, dict):
        for key, one in value.items():
            _refuse_empty(one, (*path, str(key)))


def absent(current: Json, unwanted: Json, path: Path = ()) -> t.Iterator[Change]:
    """The contrary: null removes a key whatever its value; a list its items; any other value only where it is the same.

    A mapping or list that loses its last entry goes with it.
    """
    for key, value in unwanted.items():
        here = (*path, str(key))
        if key not in current:
            continue
        old = current[key]
        if value is None or same(old, value):
            yield Change(here, GONE)
        elif isinstance(value, dict) and isinstance(old, dict):
            inner = list(absent(old, value, here))
            gone = {change.path[-1] for change in inner if change.removes and len(change.path) == len(here) + 1}
            yield from [Change(here, GONE)] if gone and gone == set(old) else inner
        elif isinstance(value, list) and isinstance(old, list):
            left = [item for item in old if not any(same(item, one) for one in value)]
            if len(left) < len(old):
                yield Change(here, left or GONE)


def policies_of(lists: t.Mapping[str, t.Any]) -> t.Dict[str, str]:
    """Raises ConfigError for one that is none."""
    for key, policy in lists.items():
        if policy not in POLICIES:
            raise ConfigError(f"lists: {key} has {policy!r}: expected one of {', '.join(POLICIES)}")
    return {str(key): str(policy) for key, policy in lists.items()}


def same(a: t.Any, b: t.Any) -> bool:
    """As JSON: true is not 1, 1 is 1.0, the order of keys does not count."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b))
    numbers = type(a) in (int, float) and type(b) in (int, float)
    return bool((numbers or type(a) is type(b)) and a == b)


def dotted(path: Path) -> str:
    return ".".join(path)


def _policy(path: Path, policies: t.Mapping[str, str]) -> str:
    return policies.get(dotted(path)) or list_policy(dotted(path))


def _merged(old: t.List[t.Any], new: t.List[t.Any], policy: str) -> t.List[t.Any]:
    """union: the old ones, then what they lack. by_key: KEY=VALUE takes the place of KEY=... replace: the new ones."""
    if policy == "replace":
        return new
    merged = list(old)
    for item in new:
        place = next((i for i, one in enumerate(merged) if policy == "by_key" and same(_key(one), _key(item))), None)
        if place is not None:
            merged[place] = item
        elif not any(same(item, one) for one in merged):
            merged.append(item)
    return merged


def _key(item: t.Any) -> t.Any:
    return item.partition("=")[0] if isinstance(item, str) else item
