# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What of ours is on the host's disk: the policy, the program, the units. What differs, and what makes it right."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import files, program, store, trial, units
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.engine import Engine
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.policy import Policy
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.system import System

PATHS = (files.POLICY, files.PROGRAM, f"{files.UNITS}/{units.EARLY}", f"{files.UNITS}/{units.WATCH}")


@dataclass(frozen=True)
class File:
    """A file before and after; None: it is not there."""

    path: str
    before: t.Optional[str]
    after: t.Optional[str]
    mode: int = 0o644


@dataclass(frozen=True)
class Lasting:
    """files: those that differ. systemd: whether the host has it; unsettled: whether a unit is not as it should be."""

    files: t.Tuple[File, ...]
    systemd: bool
    unsettled: bool

    @property
    def changes(self) -> bool:
        """Whether anything differs from what is wanted."""
        return bool(self.files) or self.unsettled


def wanted(system: System, engine: Engine, policy: Policy) -> Lasting:
    """What a policy needs to last. Raises FirewallError."""
    python = program.python(system)
    booted = trial.booted(system)
    texts = {files.POLICY: (store.text(policy), 0o644), files.PROGRAM: (program.archive(python), 0o755)}
    if booted:
        texts.update({path: (text, 0o644) for path, text in units.texts(system, engine, python).items()})
    found = [File(path, _read(system, path), text, mode) for path, (text, mode) in texts.items()]
    return Lasting(_differing(found), booted, booted and units.unsettled(system))


def gone(system: System) -> Lasting:
    """What is to be taken away."""
    found = [File(path, _read(system, path), None) for path in PATHS]
    return Lasting(_differing(found), trial.booted(system), False)


def write(system: System, change: Lasting) -> None:
    """Write what differs, the policy last: where the disk is full, the old one is still in force. Raises OSError."""
    for file in sorted(change.files, key=lambda one: one.path == files.POLICY):
        if file.after is None:
            system.remove(file.path)
        else:
            system.write(file.path, file.after, file.mode)


def reverse(change: Lasting) -> Lasting:
    """The way back."""
    files_back = tuple(replace(file, before=file.after, after=file.before) for file in change.files)
    return replace(change, files=files_back)


def start(system: System, change: Lasting) -> None:
    """Have the host keep the policy from now on. The lock is not held: what is started takes it."""
    if change.systemd and (change.unsettled or {file.path for file in change.files} - {files.POLICY}):
        units.start(system)


def drop(system: System, change: Lasting) -> None:
    """Take everything away. Raises FirewallError, OSError."""
    paths = [file.path for file in change.files if file.path.startswith(files.UNITS)] if change.systemd else []
    if paths:
        units.stop(system, [path.rpartition("/")[2] for path in paths])
    for file in change.files:
        system.remove(file.path)
    if paths:
        units.forget(system)


def _differing(found: t.Iterable[File]) -> t.Tuple[File, ...]:
    return tuple(file for file in found if file.before != file.after)


def _read(system: System, path: str) -> t.Optional[str]:
    return system.read(path) if system.exists(path) else None
