# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The Docker engine of a Windows host, through its command line: its API is behind a named pipe.

Templates ask for what is read and for no more: a container's environment may hold secrets. Why an engine does not
answer, it says in the host's language alone: it is stopped if none of its programs runs, and else not known.
Source: docker context inspect, info, container ls, container inspect (docker 20.10 and later).
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import (
    Container,
    Engine,
    NetworkEndpoint,
    Publication,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Missing, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_documents import (
    container_of,
    with_detail,
    with_info,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_networks import of_container
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_ports import RUNNING, bound, configured
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_values import (
    Document,
    decoded,
    mapping,
    text,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.visible import visible
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows.command import Command, printed
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows.docker_templates import (
    CONTAINER,
    ENDPOINT,
    INFO,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows.sockets import TASKS, tasks_of

SECTIONS = ("engine", "containers", "publications", "endpoints")

_CONTENTS = SECTIONS[1:]
_PIPE = "npipe:////./pipe/docker_engine"
_START = "start Docker, or connect as a user who may ask it"
_PROGRAMS = ("dockerd.exe", "com.docker.backend.exe")
_INSTALL = "install and start Docker, or name its endpoint in docker_host"


class _Client:
    """The commands that ask one engine. docker_host: its endpoint; None for that of the user's context."""

    def __init__(self, docker_host: t.Optional[str]) -> None:
        docker = ("docker", "--host", docker_host) if docker_host else ("docker",)
        self.context = Command((*docker, "context", "inspect", "--format", ENDPOINT))
        self.info = Command((*docker, "info", "--format", INFO))
        self.list = Command((*docker, "container", "ls", "--all", "--quiet"))
        self.inspect = Command((*docker, "container", "inspect", "--format", CONTAINER), each=self.list)


def commands(request: Request) -> t.Sequence[Command]:
    client = _Client(request.docker_host)
    context = () if request.docker_host else (client.context,)
    return (TASKS, *context, client.info, client.list, client.inspect)


def probe(host: Host, request: Request, evidence: Evidence, blind: t.List[Blind]) -> t.Dict[str, t.Any]:
    """Raises Unseen where there is an engine and no program to ask it with."""
    client = _Client(request.docker_host)
    try:
        engine = Engine(endpoint=request.docker_host or _endpoint(host, client), iptables=False, ip6tables=False)
        engine = _met(host, client, engine)
    except Missing:
        return _without_client(host, blind)
    except Unseen as exc:
        blind += [Blind(section, exc.why, _START) for section in _CONTENTS]
        return {"engine": (Engine(endpoint=engine.endpoint, state=_state(host, request)),)}
    if engine.manager:
        blind.append(Blind("publications", "they are not read on Windows", "ask a manager on Linux", "swarm services"))
    return {"engine": (engine,), **_contents(host, client, engine, blind)}


def _endpoint(host: Host, client: _Client) -> str:
    """Of the user's context. A client that does not know contexts asks the usual pipe. Raises Missing."""
    try:
        return visible(printed(host, client.context).strip())
    except Missing:
        raise
    except Unseen:
        return _PIPE


def _met(host: Host, client: _Client, engine: Engine) -> Engine:
    info = _document(printed(host, client.info), "docker info")
    if not text(info, "ServerVersion"):
        raise Unseen("docker info tells of no server")
    return with_info(engine, info, {})


def _without_client(host: Host, blind: t.List[Blind]) -> t.Dict[str, t.Any]:
    running = [task.name for task in tasks_of(host).values() if task.name in _PROGRAMS]
    if running:
        raise Unseen(f"{running[0]} runs, and there is no program docker to ask it with", "add docker to the PATH")
    why = "no Docker engine found: there is no program docker, and no engine runs"
    blind.append(Blind("engine", why, _INSTALL, "any engine", hides=False))
    return dict.fromkeys(SECTIONS, ())


def _state(host: Host, request: Request) -> str:
    """Of an engine that does not answer."""
    try:
        here = any(task.name in _PROGRAMS for task in tasks_of(host).values())
    except Unseen:
        return "unknown"
    return "unknown" if here or request.docker_host else "stopped"


def _contents(host: Host, client: _Client, engine: Engine, blind: t.List[Blind]) -> t.Dict[str, t.Any]:
    containers: t.List[Container] = []
    publications: t.List[Publication] = []
    endpoints: t.List[NetworkEndpoint] = []
    try:
        details = _details(host, client, blind)
    except Unseen as exc:
        blind += [Blind(section, exc.why, exc.see) for section in _CONTENTS]
        return {}
    for detail in details:
        container = container_of(_entry(detail), engine.endpoint)
        if not container:
            raise Unseen(f"docker container inspect told of what is no container: {visible(str(detail))[:60]!r}")
        container = replace(with_detail(container, detail), pid=None)  # it is one of the engine's virtual machine
        containers.append(container)
        publications += configured(mapping(detail, "HostConfig"), mapping(detail, "Config", "ExposedPorts"), container)
        if container.state in RUNNING:
            publications += bound(detail, container)
            endpoints += of_container(detail, container, None)
    return dict(zip(_CONTENTS, (tuple(containers), tuple(publications), tuple(endpoints))))


def _details(host: Host, client: _Client, blind: t.List[Blind]) -> t.List[Document]:
    """What the engine tells of each container. One that goes away meanwhile fails the command, and the others tell."""
    listed = host.run(*client.list.argv)
    if listed.rc:
        raise Unseen(f"docker container ls: {visible(' '.join(listed.err.split()))}", _START)
    answer = host.run(*client.inspect.argv)
    if answer.rc:
        why = visible(" ".join(answer.err.split())) or f"exit status {answer.rc}"
        blind.append(Blind("publications", f"docker container inspect: {why}", part="some containers"))
    return [_document(line, "docker container inspect") for line in answer.out.splitlines() if line.strip()]


def _document(printed_text: str, source: str) -> Document:
    found = decoded(printed_text, source)
    if not isinstance(found, dict):
        raise Unseen(f"{source} was answered with no document: {visible(printed_text[:60])!r}")
    return found


def _entry(detail: Document) -> Document:
    """The same container as the list of all of them would tell."""
    return {
        "Id": text(detail, "Id"),
        "Names": [text(detail, "Name")],
        "Image": text(detail, "Config", "Image"),
        "State": text(detail, "State", "Status"),
        "Labels": mapping(detail, "Config", "Labels"),
        "HostConfig": mapping(detail, "HostConfig"),
        "NetworkSettings": mapping(detail, "NetworkSettings"),
    }
