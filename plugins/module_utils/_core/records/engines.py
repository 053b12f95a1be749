# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Records of sections engine, containers, publications and endpoints."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass


@dataclass(frozen=True)
class Engine:
    """A container engine. Source: GET /info; its process; its daemon.json.

    state: running; stopped (its socket is there and nobody listens, or only systemd does); unknown (this user may not
    ask, and no process of it is seen). Other records name it by its endpoint.
    endpoint: unix:///var/run/docker.sock, tcp://...; pid: of the daemon that serves it.
    userland_proxy, iptables, ip6tables: None where neither command line nor file says (the version's default holds).
    firewall_backend: iptables, nftables, iptables+firewalld, ...; empty where the engine does not tell (before 28).
    port_driver: rootless engines' (builtin, slirp4netns, implicit, ...). os_type: of its containers: linux, windows.
    namespace: the network that it works in, net:[4026531840]; "not seen" where it is only known not to be this one.
    """

    name: str = "docker"
    endpoint: str = ""
    state: str = "running"
    id: str = ""
    version: str = ""
    api_version: str = ""
    operating_system: str = ""
    pid: t.Optional[int] = None
    rootless: bool = False
    port_driver: str = ""
    userland_proxy: t.Optional[bool] = None
    live_restore: bool = False
    firewall_backend: str = ""
    iptables: t.Optional[bool] = None
    ip6tables: t.Optional[bool] = None
    default_ip: str = ""
    swarm: str = "inactive"
    manager: bool = False
    config_file: str = ""
    unit: str = ""
    namespace: str = ""
    os_type: str = ""


@dataclass(frozen=True)
class Container:
    """A container in any state. Source: GET /containers/json?all=1 and, for one that does not run, its inspect.

    state: created, running, paused, restarting, removing, exited, dead. engine: its endpoint.
    restart: no, always, unless-stopped, on-failure; empty where it was not seen (one that runs, its files unreadable).
    addresses: on every network, of one that runs. error: State.Error, what the engine said when a start failed.
    """

    id: str
    name: str
    engine: str = ""
    image: str = ""
    state: str = "running"
    restart: str = ""
    network_mode: str = ""
    project: str = ""
    service: str = ""
    addresses: t.Tuple[str, ...] = ()
    networks: t.Tuple[str, ...] = ()
    pid: t.Optional[int] = None
    created: t.Optional[float] = None
    exit_code: t.Optional[int] = None
    error: str = ""


@dataclass(frozen=True)
class Publication:
    """A published port. Source: as Container; for kind service GET /services (only a manager knows them).

    What a running container is configured to ask for comes from its hostconfig.json, where that can be read.

    container: full id, or the service's. by: "project/service" of Compose, else the name.
    ip: "" where none was asked for (the engine's default); first, last: host ports, 0 where the engine chooses.
    target: first container port; `choice` any: one port of the range is enough (a range for one container port).
    actual: what a running container really has (NetworkSettings.Ports); else what it is configured to ask for.
    mode: ingress or host, for services; state: the container's.
    """

    container: str
    name: str
    by: str
    protocol: str
    first: int
    last: int
    target: int
    ip: str = ""
    choice: str = "all"
    actual: bool = False
    state: str = "running"
    kind: str = "container"
    mode: str = ""
    engine: str = ""


@dataclass(frozen=True)
class NetworkEndpoint:
    """An address that an engine network has given out, or one of its subnets.

    Source: GET /containers/json, which tells those of running containers. Where a rule or a listener leads to none of
    them, and in a swarm: GET /networks and /networks/{id}, which tell all.
    container: id of the container, empty for an endpoint without one; name: as in `docker network inspect`.
    """

    network: str
    bridge: str
    subnet: str
    container: str = ""
    name: str = ""
    ip: str = ""
    engine: str = ""
