# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What it takes until a running engine follows a changed file."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.keys import reloads, takes_over
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.merge import same

NONE, SIGHUP, RESTART = "none", "sighup", "restart"
_MISSING = object()


@dataclass(frozen=True)
class KeyChange:
    """A key of the file that differs. change: added, changed or removed; reload: what it takes to follow."""

    key: str
    change: str
    reload: str


def changes_of(
    before: t.Mapping[str, t.Any], after: t.Mapping[str, t.Any], version: t.Tuple[int, ...]
) -> t.Tuple[KeyChange, ...]:
    """version: of the engine; () where it is not known: then a restart is assumed for every key."""
    old, new = by_key(before), by_key(after)
    able = bool(version) and reloads(after, version)
    changed = [key for key in {**old, **new} if not same(old.get(key, _MISSING), new.get(key, _MISSING))]
    return tuple(_change(key, old, new, version if able else ()) for key in changed)


def reload_of(changes: t.Iterable[KeyChange]) -> str:
    """The most that any of them takes."""
    classes = {change.reload for change in changes}
    return next((one for one in (RESTART, SIGHUP) if one in classes), NONE)


def by_key(config: t.Mapping[str, t.Any]) -> t.Dict[str, t.Any]:
    """Top-level keys; features one by one, for the engine takes some of them over and others not."""
    flat = {key: value for key, value in config.items() if key != "features" or not isinstance(value, dict)}
    features = config.get("features")
    if isinstance(features, dict):
        flat.update({f"features.{name}": value for name, value in features.items()})
    return flat


def _change(key: str, old: t.Mapping[str, t.Any], new: t.Mapping[str, t.Any], version: t.Tuple[int, ...]) -> KeyChange:
    what = "added" if key not in old else "changed" if key in new else "removed"
    live = bool(version) and takes_over(key, key in new, version)
    return KeyChange(key, what, SIGHUP if live else RESTART)
