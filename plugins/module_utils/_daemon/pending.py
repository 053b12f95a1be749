# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Which keys a running engine has not read yet.

A run may end between writing the file and restarting the engine. So the values that the engine runs with are noted
beside its socket, under its process: once that is another process, the note is void.
"""

from __future__ import annotations

import hashlib
import json
import os
import typing as t
from dataclasses import asdict, dataclass, field, replace

from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.launch import Launch, Place
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.merge import same
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.reload import RESTART, KeyChange, by_key
from ansible_collections.dockmaster.ports.plugins.module_utils._files import settle, write_beside
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen

_FOLDER = "dockmaster-ports"


@dataclass(frozen=True)
class Note:
    """read: keys with the value that the engine has read, in a list of one; an empty list where it had none.

    old_file: a copy of the file that the engine has read; "none" where there was no file, "" where no copy was kept.
    """

    pid: int = 0
    started: float = 0.0
    read: t.Mapping[str, t.List[t.Any]] = field(default_factory=dict)
    old_file: str = ""

    def with_changes(self, before: t.Mapping[str, t.Any], changes: t.Iterable[KeyChange]) -> Note:
        """The first value counts: an engine has not read what was written in between. One that is down reads it all."""
        if not self.pid:
            return self
        old = by_key(before)
        added = {c.key: [old[c.key]] if c.key in old else [] for c in changes if c.reload == RESTART}
        return replace(self, read={**added, **self.read})

    def with_copy(self, copy: str) -> Note:
        """The first copy counts, as the first values do."""
        return self if self.old_file else replace(self, old_file=copy)

    def running(self, before: t.Mapping[str, t.Any]) -> t.Dict[str, t.Any]:
        """What the engine goes by: the file as it was, but for what it has not read. Features are left as they are."""
        config = dict(before)
        for name, old in self.read.items():
            config.pop(name, None)
            if old and not name.startswith("features."):
                config[name] = old[0]
        return config

    def waiting(self, config: t.Mapping[str, t.Any]) -> t.Tuple[str, ...]:
        """Keys whose value in the file is not what the engine has read."""
        now = by_key(config)
        differs = (key for key, old in self.read.items() if not same([now[key]] if key in now else [], old))
        return tuple(sorted(differs))


def load(host: Host, place: Place, launch: Launch, path: str) -> Note:
    """An empty one where there is none for this engine."""
    fresh = Note(launch.pid or 0, launch.started or 0.0)
    try:
        found = json.loads(host.read(_place(place, path)))
        note = Note(int(found["pid"]), float(found["started"]), dict(found["read"]), str(found["old_file"]))
    except (Unseen, ValueError, KeyError, TypeError):
        return fresh
    return note if (note.pid, note.started) == (fresh.pid, fresh.started) else fresh


def keep(place: Place, path: str, note: Note) -> None:
    """Raises OSError."""
    if not note.read:
        return
    target = _place(place, path)
    os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
    os.rename(write_beside(target, json.dumps(asdict(note)).encode()), target)
    settle(os.path.dirname(target))


def _place(place: Place, path: str) -> str:
    name = hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return os.path.join(place.run, _FOLDER, f"daemon-{name}.json")
