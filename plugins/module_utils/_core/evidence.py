# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The evidence document: what every source said about one host, or one network namespace of it.

Plain records, a type a section; each says only what its source says. Who holds what is derived from all of them
together (`claims.py`), never collected.

A section is None (not seen; `blind` says why and how to see it) or seen, maybe empty.
"""

from __future__ import annotations

import dataclasses
import typing as t
from dataclasses import dataclass

SCHEMA = 1


@dataclass(frozen=True)
class Socket:
    """A socket of the kernel that can refuse a bind. Source: sock_diag(7), else /proc/net; lsof on macOS.

    ip: as bound; "::" stays "::" here: with v6only False (or None: not told) it holds IPv4 too.
    state: listen, bound (bound and not listening), or a connection's: established, time_wait, ...
    pid and what follows: None or empty where the owner is not seen. started: seconds since the epoch.
    unit: systemd service, scope or socket unit of the process's cgroup; container: full id from the cgroup.
    label: of the job that launchd keeps the process for. services: of Windows, that the process hosts.
    """

    ip: str
    protocol: str
    port: int
    state: str = "listen"
    v6only: t.Optional[bool] = None
    uid: t.Optional[int] = None
    inode: int = 0
    interface: str = ""
    pid: t.Optional[int] = None
    started: t.Optional[float] = None
    command: str = ""
    command_line: str = ""
    unit: str = ""
    container: str = ""
    peer: str = ""
    label: str = ""
    services: t.Tuple[str, ...] = ()


@dataclass(frozen=True)
class SocketUnit:
    """An address that a systemd .socket unit listens on, or would. Source: systemctl show.

    enabled: UnitFileState is enabled or enabled-runtime; active: ActiveState is active.
    """

    unit: str
    ip: str
    protocol: str
    port: int
    active: bool = False
    enabled: bool = False
    triggers: str = ""


@dataclass(frozen=True)
class Engine:
    """A container engine. Source: GET /info; its process; its daemon.json.

    state: running; stopped (its socket is there and nobody listens, or only systemd does); unknown (this user may not
    ask, and no process of it is seen). Other records name it by its endpoint.
    endpoint: unix:///var/run/docker.sock, tcp://...; pid: of the daemon that serves it.
    userland_proxy, iptables, ip6tables: None where neither command line nor file says (the version's default holds).
    firewall_backend: iptables, nftables, iptables+firewalld, ...; empty where the engine does not tell (before 28).
    port_driver: rootless engines' (builtin, slirp4netns, implicit, ...). os_type: of its containers: linux, windows.
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


@dataclass(frozen=True)
class NatRule:
    """A rule that sends packets for a port elsewhere, or drops them before they arrive: DNAT, REDIRECT, raw DROP.

    Source: iptables-nft-save, iptables-legacy-save, ip6tables-*-save, nft -j list ruleset; /proc/net/ip_vs.
    backend: iptables-nft, iptables-legacy, nft or ipvs (a virtual service of the kernel's, in no chain).
    family: ip, ip6 or inet; position: in its chain, from 1.
    text: exactly as printed (nft: in its words, counters without numbers), so that this very rule can be removed;
    handle: nft's. A rule that names several ports or addresses is several records of one text and position.
    ip: destination address that is matched, "" for any; first, last: destination ports that are matched, 0 for any.
    action: dnat, redirect, drop, return, accept. return and accept: they spare traffic a later rule of the chain.
    to_*: where dnat and redirect send to, the first of several; "" and 0: it stays as it is, or is not told.
    hooks: of the built-in chains that reach this chain: prerouting, output; none: the rule is dead.
    local_only: it is reached for local destinations only (addrtype LOCAL).
    owner: who writes such chains: docker, swarm, kubernetes, cni, netavark, libvirt, wsl, other.
    condition: what else the rule, or every jump to it, matches on, as text (a destination network, a source, ...);
    such a rule catches only a part of the traffic.
    """

    backend: str
    family: str
    table: str
    chain: str
    position: int
    text: str
    action: str
    protocol: str = ""
    ip: str = ""
    first: int = 0
    last: int = 0
    in_interface: str = ""
    not_in_interface: str = ""
    to_ip: str = ""
    to_first: int = 0
    to_last: int = 0
    hooks: t.Tuple[str, ...] = ()
    local_only: bool = False
    owner: str = "other"
    condition: str = ""
    handle: t.Optional[int] = None


@dataclass(frozen=True)
class Ruleset:
    """One family in one backend: which chains there are and which are jumped to. Source: as NatRule.

    There is one for each backend and family that was seen, rules or not; tables of family inet count for both.
    backend: iptables-nft, iptables-legacy or nft; family: ip or ip6.
    chains: built-in ones and Docker's, "nat/DOCKER"; jumps: to Docker's chains, "nat/PREROUTING > DOCKER".
    rules: how many there are in all; docker_rules: those in Docker's chains or naming its bridges.
    forward_jumps: targets of FORWARD's rules in order; forward_policy, input_policy: ACCEPT, DROP or "".
    user_rules: text of the rules in DOCKER-USER.
    nat_output_spares_loopback: OUTPUT's jump has ! -d 127.0.0.0/8 (or ::1): so it is with the userland proxy.
    """

    backend: str
    family: str
    tables: t.Tuple[str, ...] = ()
    chains: t.Tuple[str, ...] = ()
    jumps: t.Tuple[str, ...] = ()
    rules: int = 0
    docker_rules: int = 0
    forward_policy: str = ""
    input_policy: str = ""
    forward_jumps: t.Tuple[str, ...] = ()
    user_rules: t.Tuple[str, ...] = ()
    nat_prerouting_jump: bool = False
    nat_output_jump: bool = False
    nat_output_spares_loopback: t.Optional[bool] = None


@dataclass(frozen=True)
class Firewall:
    """What else filters. iptables: what `iptables` in the PATH is: nf_tables, legacy or "" (none).

    firewalld, ufw: active, inactive or absent. ip_forward, ip6_forward: None where not seen.
    """

    rulesets: t.Tuple[Ruleset, ...] = ()
    iptables: str = ""
    firewalld: str = "absent"
    ufw: str = "absent"
    ip_forward: t.Optional[bool] = None
    ip6_forward: t.Optional[bool] = None


@dataclass(frozen=True)
class PolicyPlace:
    """The rules of a policy in one tool. Source: what the tool prints, against what the policy asks for.

    tool: iptables-nft, ip6tables-nft, iptables-legacy, ip6tables-legacy or nftables.
    state: as of PublishedPolicy. open_at: where packets pass without meeting the policy, "FORWARD of ip6tables".
    lacking, foreign: rules and members of sets that should be there and are not, and the other way: the first of them,
    `more` says how many others differ. None where only their order differs, and for nftables.
    """

    tool: str
    state: str
    open_at: t.Tuple[str, ...] = ()
    lacking: t.Tuple[str, ...] = ()
    foreign: t.Tuple[str, ...] = ()
    more: int = 0


@dataclass(frozen=True)
class PolicyReach:
    """Who may reach a published port, as far as the policy goes. Source: its rules, played through.

    published: a binding, [::]:8080/tcp. who: everybody, nobody, only, everybody except, this host (loopback).
    sources: addresses and networks, for only and everybody except, the first of them; more: how many others.
    host_ip, in_interface: of which connections this is said; empty: of all that no other record names.
    """

    published: str
    who: str
    sources: t.Tuple[str, ...] = ()
    more: int = 0
    host_ip: str = ""
    in_interface: str = ""


@dataclass(frozen=True)
class PublishedPolicy:
    """The policy for published ports, of module docker_firewall. Source: its file, the rules, its systemd units.

    state: absent (there is none); present (the rules are the policy's); drifted (they differ); jump_missing (packets
    pass without meeting it: what it closes is open); left (rules, and no policy).
    backend: iptables-nft, iptables-legacy or nftables. default: allow or deny; rules: how many it has.
    trial: whether it will be taken back unless it is confirmed. trusted_interfaces: who comes by them is let in.
    troubles: what keeps it from coming back by itself, "dockmaster-firewall.service does not run".
    reach: of the ports that are published; of a family whose rules drifted nothing is said.
    """

    state: str = "absent"
    backend: str = ""
    default: str = ""
    rules: int = 0
    trial: bool = False
    trusted_interfaces: t.Tuple[str, ...] = ()
    places: t.Tuple[PolicyPlace, ...] = ()
    troubles: t.Tuple[str, ...] = ()
    reach: t.Tuple[PolicyReach, ...] = ()


@dataclass(frozen=True)
class Address:
    """An address of this host. Source: rtnetlink (RTM_GETADDR), else /proc/net/fib_trie and /proc/net/if_inet6."""

    ip: str
    prefix: int
    interface: str = ""


@dataclass(frozen=True)
class Kernel:
    """The kernel's settings that decide who may bind what. Source: /proc/sys/net, /proc/sys/kernel.

    port_range: first and last port of ip_local_port_range; reserved: ip_local_reserved_ports as (first, last) pairs.
    ipv6: False where the kernel has no IPv6 or it is disabled on all interfaces.
    """

    release: str = ""
    port_range: t.Tuple[int, ...] = ()
    reserved: t.Tuple[t.Tuple[int, ...], ...] = ()
    unprivileged_start: t.Optional[int] = None
    bindv6only: t.Optional[bool] = None
    nonlocal_bind: t.Optional[bool] = None
    nonlocal_bind6: t.Optional[bool] = None
    ipv6: t.Optional[bool] = None
    addresses: t.Tuple[Address, ...] = ()
    bridges: t.Tuple[str, ...] = ()
    conntrack_count: t.Optional[int] = None
    conntrack_max: t.Optional[int] = None


@dataclass(frozen=True)
class ExcludedRange:
    """Ports that Windows keeps back. Source: netsh interface ipv4|ipv6 show excludedportrange.

    family: ipv4 or ipv6. administered: the row has a `*`: somebody reserved the ports for a use of his own, and a bind
    succeeds. A bind to a port of any other row (of Hyper-V, WinNAT, HTTP.sys, ...) is refused with WSAEACCES.
    """

    first: int
    last: int
    protocol: str
    family: str
    administered: bool = False


@dataclass(frozen=True)
class Platform:
    """What kind of host. system: Linux, Windows, ... wsl: "", 1 or 2; wsl_networking: nat, mirrored, ... where told.

    container: "" on a host, else docker, podman, lxc, ...; service_manager: systemd, openrc, launchd, scm or "".
    wsl_interop: whether WSL starts Windows' programs; wsl_integration: whether `docker` here is Docker Desktop's. None
    where this is no WSL.
    """

    system: str = "Linux"
    distribution: str = ""
    version: str = ""
    release: str = ""
    hostname: str = ""
    wsl: str = ""
    wsl_networking: str = ""
    wsl_interop: t.Optional[bool] = None
    wsl_integration: t.Optional[bool] = None
    container: str = ""
    service_manager: str = ""
    namespace: str = ""


@dataclass(frozen=True)
class Bind:
    """What happened when the engine's own bind was tried and closed at once.

    error: "" where it succeeded, else EADDRINUSE, EACCES, EADDRNOTAVAIL, EAFNOSUPPORT, ...
    step: socket, bind or listen, whichever failed.
    """

    ip: str
    protocol: str
    port: int
    error: str = ""
    step: str = ""


@dataclass(frozen=True)
class Blind:
    """Something that was not seen. part: "" for the whole section, else which part of it.

    why: what stood in the way; see: what would let it be seen (become, a package, a right).
    hides: whether a holder of a port may be hidden by it. protocol: the only one whose holders it may hide; "" any.
    """

    section: str
    why: str
    see: str = ""
    part: str = ""
    hides: bool = True
    protocol: str = ""

    def __str__(self) -> str:
        return f"{self.part or self.section}: {self.why}" + (f"; {self.see}" if self.see else "")


@dataclass(frozen=True)
class Evidence:
    """The document. A section is None where it was not seen.

    exclusions, windows_sockets: None also where there are none to see, with nothing in `blind`. Only Windows has
    exclusions; windows_sockets are those of the Windows that a WSL distribution runs on.
    focus: ports whose connections were looked for ("8080", "8000-8010"): `clients` knows of these and no others.
    timings: milliseconds a section. taken_at: seconds since the epoch.
    """

    schema: int = SCHEMA
    taken_at: float = 0.0
    host: str = ""
    platform: t.Optional[Platform] = None
    kernel: t.Optional[Kernel] = None
    sockets: t.Optional[t.Tuple[Socket, ...]] = None
    clients: t.Optional[t.Tuple[Socket, ...]] = None
    units: t.Optional[t.Tuple[SocketUnit, ...]] = None
    engine: t.Optional[t.Tuple[Engine, ...]] = None
    containers: t.Optional[t.Tuple[Container, ...]] = None
    publications: t.Optional[t.Tuple[Publication, ...]] = None
    endpoints: t.Optional[t.Tuple[NetworkEndpoint, ...]] = None
    nat: t.Optional[t.Tuple[NatRule, ...]] = None
    firewall: t.Optional[Firewall] = None
    published_policy: t.Optional[PublishedPolicy] = None
    exclusions: t.Optional[t.Tuple[ExcludedRange, ...]] = None
    windows_sockets: t.Optional[t.Tuple[Socket, ...]] = None
    binds: t.Optional[t.Tuple[Bind, ...]] = None
    focus: t.Tuple[str, ...] = ()
    blind: t.Tuple[Blind, ...] = ()
    timings: t.Dict[str, float] = dataclasses.field(default_factory=dict)

    def unseen(self, section: str) -> str:
        """Why a section is None, in one line; empty where it was seen."""
        if getattr(self, section) is not None:
            return ""
        reasons = [str(b) for b in self.blind if b.section == section and not b.part]
        return "; ".join(reasons) or f"{section} was not gathered"


def system_of(evidence: Evidence) -> str:
    """The host's system; Linux where it was not gathered."""
    return evidence.platform.system if evidence.platform else "Linux"


SECTIONS = tuple(
    f.name
    for f in dataclasses.fields(Evidence)
    if f.name not in ("schema", "taken_at", "host", "focus", "blind", "timings")
)
