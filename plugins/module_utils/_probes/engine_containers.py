# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The containers of one engine and what they publish: one call, and one more for each container that does not run.

What containers that run are configured to ask for, and their restart policy, is in no list of the API: it is read from
the engine's own files (hostconfig.json, which holds no environment variables) where this user may read them.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import (
    Container,
    NetworkEndpoint,
    Publication,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Kernel
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_calls import Caller, Gone
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_documents import (
    container_of,
    with_detail,
    with_host_config,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_networks import of_container
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_ports import (
    RUNNING,
    bound,
    configured,
    listed,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_values import Document, mapping

_LIST = "/containers/json?all=1"
_NAMED = 3  # containers that a reason names

Seen = t.Tuple[Container, t.Tuple[Publication, ...]]


class Reader:
    """Reads the containers of one engine. files: what its folders are below on this host, None if they are not here.

    kernel: of the host that its bridges are on, if it was seen.
    blind: what was not seen of them. endpoints: the addresses that those that run have.
    """

    def __init__(self, host: Host, caller: Caller, files: t.Optional[str], kernel: t.Optional[Kernel] = None) -> None:
        self.blind: t.List[Blind] = []
        self.endpoints: t.List[NetworkEndpoint] = []
        self._kernel = kernel
        self._host = host
        self._caller = caller
        self._folder = None if files is None else f"{files}{caller.folder}/containers"
        self._missed: t.Dict[str, Unseen] = {}

    def read(self) -> t.Tuple[Seen, ...]:
        """Every container with its publications. Raises Unseen if the engine does not list them."""
        entries = self._caller.list(_LIST)
        unreadable = self._unreadable()
        engine = self._caller.engine.endpoint
        found = [(entry, container_of(entry, engine)) for entry in entries]
        seen = tuple(self._seen(entry, container) for entry, container in found if container)
        self._report(len(found) - len(seen))
        if unreadable and any(container.state in RUNNING for container, _publications in seen):
            self._report_files(unreadable)
        return seen

    def _seen(self, entry: Document, container: Container) -> Seen:
        config = self._config(container.id)
        if container.state in RUNNING:
            self.endpoints += of_container(entry, container, self._kernel)
            asked = configured(config, (), container)
            return with_host_config(container, config), (*listed(entry, container), *asked)
        try:
            detail = self._caller.mapping(f"/containers/{container.id}/json")
        except Gone:  # removed since it was listed: it wants nothing any more
            return container, ()
        except Unseen as exc:
            if not config:
                self._missed[container.name] = exc
            return with_host_config(container, config), configured(config, (), container)
        return self._detailed(container, detail)

    def _detailed(self, container: Container, detail: Document) -> Seen:
        container = with_detail(container, detail)
        asked = configured(mapping(detail, "HostConfig"), mapping(detail, "Config", "ExposedPorts"), container)
        if container.state not in RUNNING:
            return container, asked
        self.endpoints += of_container(detail, container, self._kernel)
        return container, (*bound(detail, container), *asked)

    def _unreadable(self) -> t.Optional[Unseen]:
        """Why the engine's own files cannot be read; None if they can."""
        if self._folder is None:
            return Unseen("the engine's own files are on another host")
        try:
            self._host.names(self._folder)
        except Unseen as exc:
            self._folder = None
            return exc
        return None

    def _config(self, identity: str) -> Document:
        """HostConfig as the engine keeps it on disk; nothing where it is not seen."""
        if self._folder is None:
            return {}
        try:
            config = json.loads(self._host.read(f"{self._folder}/{identity}/hostconfig.json"))
        except (Unseen, ValueError, RecursionError):
            return {}
        return config if isinstance(config, dict) else {}

    def _report(self, odd: int) -> None:
        engine = self._caller.engine.endpoint
        if odd:
            why = "the engine lists what is no container"
            self.blind.append(Blind("publications", why, "see the engine's log", f"{odd} containers of {engine}"))
        if self._missed:
            names = ", ".join(sorted(self._missed)[:_NAMED]) + (", ..." if len(self._missed) > _NAMED else "")
            first = next(iter(self._missed.values()))
            self.blind.append(
                Blind("publications", first.why, first.see, f"what containers that do not run ask for ({names})")
            )

    def _report_files(self, exc: Unseen) -> None:
        for section, part in (
            ("publications", "what running containers are configured to ask for"),
            ("containers", "restart policies of running containers"),
        ):
            self.blind.append(Blind(section, exc.why, exc.see, part, hides=False))
