# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What Windows' tasklist prints of processes and of the services that they host.

    "System Idle Process","0","Nicht zutreffend"
    "svchost.exe","1012","RpcEptMapper,RpcSs"

A process without services has a word of the host's language in their place. The idle process, which is number 0 and
can host none, says which.
Source: tasklist /SVC /FO CSV /NH.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.visible import excerpt, visible

_ROW = re.compile(r'\s*"((?:[^"]|"")*)","([0-9]{1,10})","((?:[^"]|"")*)"\s*')
_ENDS = re.compile(r"[\r\n]+")
_IDLE = 0


class Task(t.NamedTuple):
    """A process: its program's file name, and the names of its services."""

    name: str
    services: t.Tuple[str, ...] = ()


def tasks(text: str) -> t.Dict[int, Task]:
    """Processes by their numbers. Raises Unseen, also where there are none: every Windows has its idle process."""
    found = {pid: (name, services) for name, pid, services in map(_row, filter(str.strip, _ENDS.split(text)))}
    if _IDLE not in found:
        raise Unseen(
            f"tasklist printed no idle process: {excerpt(text)}" if text.strip() else "tasklist printed nothing"
        )
    none = found[_IDLE][1]
    return {
        pid: Task(name, () if services in (none, "") else tuple(services.split(",")))
        for pid, (name, services) in found.items()
    }


def _row(line: str) -> t.Tuple[str, int, str]:
    match = _ROW.fullmatch(line)
    if not match:
        raise Unseen(f"tasklist printed a row that is no process: {excerpt(line)}")
    name, services = (visible(part.replace('""', '"')) for part in (match[1], match[3]))
    return name, int(match[2]), services
