# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Configuration in many small files, as sysctl.d(5) and resolved.conf.d(5) read it."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._files import Module, remove, replace
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen


def in_order(host: Host, folders: t.Sequence[str]) -> t.List[str]:
    """The .conf files in the order of their names; of files with the same name the first folder's counts.

    Raises Unseen for a folder that this user may not read.
    """
    paths: t.Dict[str, str] = {}
    for folder in folders:
        try:
            names = host.names(folder)
        except Unseen as exc:
            if exc.see:
                raise
            continue  # a folder that is not there holds nothing
        for name in names:
            if name.endswith(".conf"):
                paths.setdefault(name, os.path.join(folder, name))
    return [paths[name] for name in sorted(paths)]


def text_of(host: Host, path: str) -> str:
    """Empty for a file that is not there, or a link that leads nowhere. Raises Unseen."""
    try:
        return host.read(path)
    except Unseen as exc:
        if exc.see:
            raise
        return ""


def write(module: Module, path: str, old: str, new: str) -> None:
    """One of ours, which still says `old`; empty for a file that is not there, or is to go. Raises Changed, OSError."""
    if old == new:
        return
    if new:
        replace(module, path, old.encode() if old else None, new.encode(), backup=False)
    else:
        remove(module, path, old.encode())
