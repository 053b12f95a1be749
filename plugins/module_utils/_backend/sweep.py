# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Removes what an engine left in a backend, a table at a time, all of it or nothing."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._backend.leftovers import Leftovers

_PROGRAMS = {"ip": "iptables", "ip6": "ip6tables"}

Run = t.Callable[[t.Sequence[str], str], t.Tuple[int, str]]


class NotSwept(ValueError):
    """The program that should have removed rules said no. Nothing of that table was removed."""


def sweep(variant: str, found: t.Iterable[Leftovers], run: Run) -> None:
    """found: read a moment ago. Raises NotSwept."""
    for one in found:
        if not one:
            continue
        program = f"{_PROGRAMS[one.family]}-{variant}"
        if one.rules or one.chains:
            _do(run, [f"{program}-restore", "--noflush", "--wait", "10"], one.transaction())
        if one.policy:
            _do(run, [program, "--wait", "10", "-P", "FORWARD", "ACCEPT"], "")


def _do(run: Run, argv: t.Sequence[str], text: str) -> None:
    code, said = run(argv, text)
    if code:
        raise NotSwept(f"{argv[0]}: {said.strip()}")
