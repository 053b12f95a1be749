# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What to write, whether the engine would start with it, and what it takes until it follows."""

from __future__ import annotations

import os
import pwd
import typing as t
from dataclasses import dataclass, field

from ansible_collections.dockmaster.ports.plugins.module_utils._daemon import pending
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.blast import Blast, blast_of
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.document import Document, load
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.endpoint import endpoint_of
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.launch import Launch, Place
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.merge import absent, present, removed
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.pending import Note
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.reload import (
    NONE,
    RESTART,
    KeyChange,
    changes_of,
    reload_of,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.survival import live_restore_of
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.verdict import (
    VALIDATES_SINCE,
    Refused,
    judge_with_host,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host

FILE = "daemon.json"


@dataclass(frozen=True)
class Wish:
    """What somebody asks for. lists: policies by dotted path; endpoint: None for the engine's own socket.

    remove: keys that are to be gone beside those of config that are to be there.
    """

    config: t.Mapping[str, t.Any]
    state: str
    lists: t.Mapping[str, str]
    endpoint: t.Optional[str] = None
    remove: t.Tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """changes: of the file. reload: what it takes until the engine follows the file, earlier changes included.

    note: which of the values in the file the engine has not read.
    """

    before: Document
    after: Document
    blast: Blast
    changes: t.Tuple[KeyChange, ...]
    reload: str
    note: Note = field(default_factory=Note)

    @property
    def changed(self) -> bool:
        return self.before.text != self.after.text


def place_of(rootless: t.Optional[bool], unit: str, environment: t.Mapping[str, str]) -> Place:
    """The system's engine, or the rootless one of the user that this runs as. rootless None: whoever is not root."""
    if not (os.geteuid() != 0 if rootless is None else rootless):
        return Place(unit)
    home = pwd.getpwuid(os.geteuid()).pw_dir
    folder = os.path.join(environment.get("XDG_CONFIG_HOME") or os.path.join(home, ".config"), "docker")
    run = environment.get("XDG_RUNTIME_DIR") or f"/run/user/{os.geteuid()}"
    return Place(unit, True, folder, run)


def path_of(place: Place, launch: Launch) -> str:
    """Where the engine reads its file: as its command line says, else the usual place."""
    return (launch.flags.get("config-file") or [os.path.join(place.folder, FILE)])[-1]


def plan(host: Host, place: Place, launch: Launch, path: str, wish: Wish) -> Plan:
    """Raises DocumentError, ConfigError, AnotherEngine, Refused, Unseen."""
    before = load(path)
    if wish.state == "absent":
        changes = tuple(absent(before.config, wish.config))
    else:
        gone = removed(before.config, wish.remove, wish.config)
        changes = (*gone, *present(before.config, wish.config, wish.lists))
    after = before.changed(changes)
    if after.has_bom and () < launch.version < VALIDATES_SINCE:
        version = ".".join(map(str, launch.version))
        raise Refused(f"{before.path} begins with a byte order mark, which engine {version} does not read")
    note = pending.load(host, place, launch, before.path)
    if before.text == after.text and not note.waiting(after.config):
        return Plan(before, after, Blast(), (), NONE)
    endpoint = endpoint_of(place, launch, before.config, wish.endpoint)
    blast = blast_of(host, launch, endpoint, live_restore_of(launch, after.config))
    judge_with_host(host, after.config, blast.swarm)
    keys = changes_of(before.config, after.config, blast.version or launch.version)
    note = note.with_changes(before.config, keys)
    return Plan(before, after, blast, keys, _reload(launch, keys, note.waiting(after.config)), note)


def _reload(launch: Launch, keys: t.Iterable[KeyChange], waiting: t.Sequence[str]) -> str:
    """An engine that does not run reads the file when it starts."""
    if launch.pid is None:
        return NONE
    return RESTART if waiting else reload_of(key for key in keys if key.reload != RESTART)


def config_of(place: Place, launch: Launch) -> t.Dict[str, t.Any]:
    """What the engine's file says. Raises DocumentError."""
    return load(path_of(place, launch)).config
