# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""dockerd's command line, and where it and daemon.json say the same thing.

An engine does not start where both give one option, even with the same value. Source: moby daemon/config/config.go,
findConfigurationConflicts: "the following directives are specified both as a flag and in the configuration file".
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.keys import (
    MAY_BE_BOTH,
    SHORT,
    SWITCHES,
    WHOLE_OBJECTS,
    WHOLE_OBJECTS_SINCE_24,
    flag_of,
)

Flags = t.Dict[str, t.List[str]]
_LONG = re.compile(r"--([a-z0-9-]+)(?:=(.*))?", re.DOTALL)
_SHORT = re.compile(r"-([a-zA-Z])=?(.*)", re.DOTALL)


def flags_of(arguments: t.Sequence[str]) -> Flags:
    """Long names of the flags that are given, with their values. arguments: without the program."""
    flags: Flags = {}
    left = list(arguments)
    while left:
        word = left.pop(0)
        name, value = _split(word)
        if not name:
            continue  # no option: dockerd takes no such arguments
        if name in SWITCHES and value and word[1] != "-" and word[2] != "=":
            left.insert(0, f"-{value}")  # -Dl info is -D -l info
            value = "true"
        if value is None:
            value = "true" if name in SWITCHES or not left else left.pop(0)
        flags.setdefault(name, []).append(value)
    return flags


def _split(word: str) -> t.Tuple[str, t.Optional[str]]:
    """Name and value of one word; None where the value is in the next word."""
    long = _LONG.fullmatch(word)
    if long:
        return long[1], long[2]
    short = _SHORT.fullmatch(word)
    if not short or short[1] not in SHORT:
        return "", None
    return SHORT[short[1]], short[2] or None


def without(arguments: t.Sequence[str], *names: str) -> t.List[str]:
    """The same command line without some flags, one word a flag."""
    kept = [(name, value) for name, values in flags_of(arguments).items() for value in values if name not in names]
    return [f"--{name}={value}" for name, value in kept]


def flatten(config: t.Mapping[str, t.Any], version: t.Tuple[int, ...]) -> t.Dict[str, t.Any]:
    """The file's options as the engine counts them: an object that is no option of its own is opened."""
    whole = WHOLE_OBJECTS + (WHOLE_OBJECTS_SINCE_24 if version >= (24,) or not version else ())
    flat: t.Dict[str, t.Any] = {}
    for key, value in config.items():
        flat.update(value if isinstance(value, dict) and key not in whole else {key: value})
    return flat


def clashes(
    config: t.Mapping[str, t.Any], flags: t.Mapping[str, t.List[str]], version: t.Tuple[int, ...]
) -> t.List[str]:
    """A sentence for each option that both give."""
    found = []
    for key, value in flatten(config, version).items():
        flag = flag_of(key)
        if flag in flags and key not in MAY_BE_BOTH:
            found.append(f"{key} is in the file ({value!r}) and on the command line (--{flag} {' '.join(flags[flag])})")
    return found
