# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Conventions about published ports, as data: bands by name, who may publish in them, and rules.

A want is of a band where its host ports meet the band's ports, or its container ports are among those that the policy
lists for the band: a database is one on host port 15432 too.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import BindingError
from ansible_collections.dockmaster.ports.plugins.module_utils._core.free import Band, band_of

EVERY = "*"  # stands for every band, and for wants of none
RULES = {
    "local_only": "published on loopback addresses only",
    "not_published": "not published at all: other containers reach it over a network",
    "pinned": "on a host port that is named, not one that the engine chooses",
    "unprivileged": "not below 1024, where a rootless engine may not bind",
    "not_ephemeral": "not where the kernel may give the port to a client",
    "browser_safe": "not on a port that browsers refuse to open",
}
KEYS = ("bands", "container_ports", "owners", "rules", "ephemeral")
EPHEMERAL: Band = (32768, 60999)  # ip_local_port_range as Linux has it unless it is told otherwise


class PolicyError(ValueError):
    """Data that is no policy. The message names the key and quotes what is at fault."""


@dataclass(frozen=True)
class Policy:
    """bands: by name. container_ports: ranges of container ports that are of a band too. owners: patterns of those who
    may publish in a band (`*` stands for anything); none means anybody. rules: by band or EVERY, keys of RULES.
    ephemeral: the range of the kernel, where no host says its own.
    """

    bands: t.Mapping[str, t.Tuple[Band, ...]]
    container_ports: t.Mapping[str, t.Tuple[Band, ...]]
    owners: t.Mapping[str, t.Tuple[str, ...]]
    rules: t.Mapping[str, t.Tuple[str, ...]]
    ephemeral: Band = EPHEMERAL

    def band_at(self, port: int) -> str:
        """The band of a host port; empty where it is of none."""
        return next((name for name, ranges in self.bands.items() if within(port, ranges)), "")

    def owned_by(self, by: str) -> t.Tuple[str, ...]:
        """The bands that are kept for this one among others."""
        return tuple(name for name, patterns in self.owners.items() if is_owner(by, patterns))


def policy_of(data: t.Any) -> Policy:
    """Raises PolicyError."""
    _check_mapping(data, "the policy")
    _check_known(data, KEYS, "a key of the policy")
    bands = {name: _ranges(value, f"bands: {name}") for name, value in _items(data, "bands")}
    _check_apart(bands)
    if EVERY in bands:
        raise PolicyError(f"bands: {EVERY!r} stands for every band, in rules: expected a name of its own")
    names = tuple(bands)
    return Policy(
        bands=bands,
        container_ports={
            name: _ranges(value, f"container_ports: {name}") for name, value in _items(data, "container_ports", names)
        },
        owners={name: _texts(value, f"owners: {name}") for name, value in _items(data, "owners", names)},
        rules={name: _rules(value, f"rules: {name}") for name, value in _items(data, "rules", (*names, EVERY))},
        ephemeral=_ephemeral(data["ephemeral"]) if data.get("ephemeral") else EPHEMERAL,
    )


def is_owner(by: str, patterns: t.Iterable[str]) -> bool:
    return any(re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), by) for pattern in patterns)


def within(port: int, ranges: t.Iterable[Band]) -> bool:
    return any(first <= port <= last for first, last in ranges)


def _items(
    data: t.Mapping[str, t.Any], key: str, names: t.Optional[t.Sequence[str]] = None
) -> t.Iterator[t.Tuple[str, t.Any]]:
    """The entries of one of the policy's mappings. names: those that there may be; None: any."""
    mapping = data.get(key)
    if mapping is None:
        return
    _check_mapping(mapping, key)
    if names is not None:
        _check_known(mapping, names, f"a band, in {key}")
    yield from mapping.items()


def _ranges(value: t.Any, key: str) -> t.Tuple[Band, ...]:
    try:
        found = tuple(band_of(one) for one in _listed(value))
    except BindingError as exc:
        raise PolicyError(f"{key}: {exc}") from exc
    if not found:
        raise PolicyError(f"{key}: it is empty: expected ports such as 8000-8999")
    return found


def _ephemeral(value: t.Any) -> Band:
    found = _ranges(value, "ephemeral")
    if len(found) > 1:
        raise PolicyError(f"ephemeral: {value!r} is more than one range of ports")
    return found[0]


def _texts(value: t.Any, key: str) -> t.Tuple[str, ...]:
    for one in _listed(value):
        if not isinstance(one, str) or not one:
            raise PolicyError(f"{key}: {one!r} is not text such as shop/*")
    return tuple(_listed(value))


def _rules(value: t.Any, key: str) -> t.Tuple[str, ...]:
    rules = _texts(value, key)
    _check_known(dict.fromkeys(rules), tuple(RULES), f"a rule, in {key}")
    return rules


def _listed(value: t.Any) -> t.List[t.Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _check_mapping(value: t.Any, key: str) -> None:
    if not isinstance(value, t.Mapping):
        raise PolicyError(f"{key}: {value!r} is not a mapping")
    for name in value:
        if not isinstance(name, str):
            raise PolicyError(f"{key}: {name!r} is not text: put it in quotes")


def _check_known(names: t.Iterable[str], known: t.Sequence[str], what: str) -> None:
    expected = f"expected {', '.join(known)}" if known else "there is none"
    for name in names:
        if name not in known:
            raise PolicyError(f"{name!r} is not {what}: {expected}")


def _check_apart(bands: t.Mapping[str, t.Tuple[Band, ...]]) -> None:
    """Raises PolicyError for two bands that share a port: its rules would be at odds."""
    found = sorted((band, name) for name, ranges in bands.items() for band in ranges)
    for (low, below), (high, above) in zip(found, found[1:]):
        if high[0] <= low[1]:
            last = min(low[1], high[1])
            shared = str(high[0]) if high[0] == last else f"{high[0]}-{last}"
            raise PolicyError(f"bands: {below} and {above} share {shared}: expected bands that are apart")
