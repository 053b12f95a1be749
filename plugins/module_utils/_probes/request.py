# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What somebody asks the probes for."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import Binding


class Request(t.NamedTuple):
    """sections: which to gather. name: what the host is called in the document.

    focus: ports, first and last, whose connections are looked for beside those of every publication.
    docker_host: the engine's endpoint where the user named one, else None: the engines of this host are found.
    command_lines: also report processes' arguments, which may hold secrets.
    wants: bindings, as the engine would open them, that the bind probe tries.
    system: of the host, as the catalogue of probes names it.
    """

    sections: t.Tuple[str, ...]
    name: str = ""
    focus: t.Tuple[t.Tuple[int, int], ...] = ()
    docker_host: t.Optional[str] = None
    command_lines: bool = False
    wants: t.Tuple[Binding, ...] = ()
    system: str = "Linux"
