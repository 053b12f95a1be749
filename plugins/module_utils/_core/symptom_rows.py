# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The texts of engines and of what stands around them, and what each says. Matched on text made one line.

Source: the engine's own, by version: libnetwork/portallocator, portmapper, drivers/bridge/port_mapping_linux.go,
daemon/libnetwork/portmappers; cmd/docker-proxy; RootlessKit pkg/port; swarmkit manager/controlapi/service.go;
go-connections nat; Docker Desktop as reported by its users; recordings of 20.10.24, 26.1.5, 28.5.2 and 29.7.2.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._core.symptom_errno import ANY_ERRNO, ERRNO, refusal_of

IP = r"(?P<ip>\[[0-9a-fA-F:.%]*\]|[0-9a-fA-F.:]*?)"
PORT = r"(?P<port>[0-9]{1,5})"
LISTEN = rf"listen (?P<protocol>tcp|udp|sctp)[46]? {IP}:{PORT}: (?:bind|listen|socket): "
EXPLICIT = rf"listen (?P<protocol>tcp|udp|sctp)[46] {IP}:{PORT}: (?:bind|listen|socket): "
ENDPOINT = r"on endpoint \S+ \([0-9a-f]{7,64}[.…]*\)"
ENVELOPE = rf"(?:{ENDPOINT}|Error response from daemon|Cannot start service \S+|starting container failed): "


@dataclass(frozen=True)
class Reading:
    """What a row says. form: of the words, where the same refusal has other candidates in another form."""

    layer: str
    refusal: str
    summary: str
    said_by: str
    form: str


@dataclass(frozen=True)
class Row:
    """A text and its meaning. With refusal "" the errno at its end (group `errno`) says what was refused."""

    text: str
    layer: str
    refusal: str
    said_by: str
    summary: str
    form: str = ""

    @property
    def pattern(self) -> t.Pattern[str]:
        return _compiled(self.text)

    def reading(self, match: t.Match[str]) -> Reading:
        if self.refusal:
            return Reading(self.layer, self.refusal, self.summary, self.said_by, self.form)
        layer, refusal, why = refusal_of(match["errno"], self.form)
        return Reading(layer, refusal, f"{self.summary}: {why}", self.said_by, self.form)


_CACHE: t.Dict[str, t.Pattern[str]] = {}


def _compiled(text: str) -> t.Pattern[str]:
    if text not in _CACHE:
        _CACHE[text] = re.compile(text, re.IGNORECASE)
    return _CACHE[text]


PROXY = "the engine's docker-proxy could not listen"
BIND = "the engine could not bind the host port"
DESKTOP = "Docker Desktop's backend could not open the port on the machine it runs on"
ROOTLESS = "RootlessKit could not open the port on the host for a rootless engine"
NO_CHAIN = r"(?:No chain/target/match by that name|Chain '[^']*' does not exist)"
FLUSHED = "Docker's chain is gone: something flushed or replaced the firewall's rules after the engine had started"
PROGRAM = (
    "a program in the container says this, not the engine: its port is taken where it runs, "
    "in the container's own network, or in the host's with network_mode: host"
)
TABLE = "the engine's own table has the port already: another endpoint of this engine holds it, no other process"

ROWS = (
    # The engine's table
    Row(rf"failed to set up container networking: .{{0,400}}?Bind for {IP}:{PORT} failed: port is already allocated",
        "allocator", "port_allocated", "Engine 28.0.1 and newer", TABLE),
    Row(rf"failed programming external connectivity .{{0,400}}?Bind for {IP}:{PORT} failed: port is already allocated",
        "allocator", "port_allocated", "Engine up to 28.0.0", TABLE),
    Row(rf"Bind for {IP}:{PORT} failed: port is already allocated",
        "allocator", "port_allocated", "every engine", TABLE),
    Row(r"Ports are not available: port is already allocated",
        "platform", "desktop_backend", "older Docker Desktop",
        "Docker Desktop's backend has the port in its own table"),
    Row(r"all ports are allocated",
        "allocator", "port_allocated", "every engine", "every port of the range is taken in the engine's own table",
        "range"),
    # Docker Desktop
    Row(r"Ports are not available: unable to list exposed ports",
        "platform", "desktop_backend", "Docker Desktop",
        "Docker Desktop's backend does not answer: no port is in conflict", "hung"),
    Row(rf"Ports are not available: (?:exposing port (?:tcp|udp) \S+ -> \S+: )?"
        rf"(?:\S*/forwards/expose returned unexpected status: [0-9]+[:,]? ?)?{LISTEN}{ANY_ERRNO}",
        "platform", "", "Docker Desktop", DESKTOP, "desktop"),
    Row(rf"Ports are not available: exposing port (?P<protocol>tcp|udp) {IP}:{PORT} -> [^ ]*: ?{ANY_ERRNO}",
        "platform", "", "Docker Desktop 4.9 and newer", DESKTOP, "desktop"),
    Row(rf"Ports are not available: {ANY_ERRNO}",
        "platform", "", "Docker Desktop", DESKTOP, "desktop"),
    Row(rf"Bind for {IP}:{PORT}: unexpected error \(?(?:Failure )?{ANY_ERRNO}",
        "platform", "", "older Docker Desktop (vpnkit)", DESKTOP, "desktop"),
    Row(r"Failed to bind: EADDRINUSE",
        "socket", "address_in_use", "older Docker Desktop (vpnkit)", f"{DESKTOP}: something there has it", "desktop"),
    # Windows
    Row(r"hnsCall(?:RawResponse)? failed in Win32: (?:[^()]{0,200}\((?:0x20|32)\)|The process cannot access the file)",
        "platform", "hns_conflict", "Windows containers",
        "the Host Network Service refused the host port: it is in use or excluded, whatever the words say of a file",
        "hns_used"),
    Row(r"(?:hnsCall(?:RawResponse)? failed in Win32|HNS failed with error ?): ?"
        r"(?:[^()]{0,200}\(0x803b0013\)|The (?:specified port|object) already exists)",
        "platform", "hns_conflict", "Windows containers",
        "the Host Network Service still has a policy or an endpoint for the port", "hns_stale"),
    # Rootless engines
    Row(rf"cannot expose privileged port {PORT}(?:.{{0,400}}?listen (?P<protocol>tcp|udp)[46]? {IP}:[0-9]+: bind)?",
        "socket", "permission_privileged", "rootless engines",
        "a rootless engine may not bind a port this low", "rootless"),
    Row(r"conflict with ID [0-9]+",
        "platform", "rootless_port_driver", "rootless engines",
        "RootlessKit believes that another mapping has the port", "rootless"),
    Row(r'protocol "?(?P<protocol>\w+)"? is not supported by the RootlessKit port driver',
        "platform", "rootless_port_driver", "rootless engines",
        "RootlessKit's port driver does not do this protocol", "rootless"),
    Row(r"failed to expose port: expose request failed with status|reply\.Error: map\[|no IP addresses specified",
        "platform", "rootless_port_driver", "rootless engines", "RootlessKit's port driver refused the mapping",
        "rootless"),
    Row(rf"error while calling (?:RootlessKit )?PortManager\.AddPort\(\): {LISTEN}{ERRNO}",
        "socket", "", "rootless engines", ROOTLESS, "rootless"),
    Row(r"error while calling (?:RootlessKit )?PortManager\.AddPort\(\): (?!.{0,300}(?:conflict with ID|privileged port"
        r"|not supported by the RootlessKit|expose request|reply\.Error|no IP addresses))",
        "platform", "rootless_port_driver", "rootless engines", "RootlessKit refused the mapping", "rootless"),
    # Swarm
    Row(rf"port '{PORT}' is already in use by service '[^']*' \([^)]*\) as an? (?:ingress|host-published) port",
        "config", "swarm_port_in_use", "swarm managers", "another service of the swarm publishes the port"),
    Row(r"host-mode port already in use",
        "config", "host_mode_port_no_node", "swarm managers",
        "no node is left for the task: each has a task with this host-mode port", "swarm"),
    Row(rf"failed to create proxy for port .{{0,40}}?{LISTEN}{ERRNO}",
        "socket", "", "swarm nodes, in the log only",
        "the node could not listen on an ingress port, and takes its traffic by a rule all the same", "ingress"),
    # The host's sockets, by engine
    Row(rf"failed to bind port \S+/(?:tcp|udp|sctp): (?:Error starting userland proxy: )?{LISTEN}{ERRNO}",
        "socket", "", "Engine 27", BIND),
    Row(rf"failed to bind host port for {IP}:{PORT}(?:-[0-9]+)?:\S*?:[0-9]+/(?P<protocol>tcp|udp|sctp): {ERRNO}",
        "socket", "", "Engine 28", BIND),
    Row(rf"failed to bind host port {PORT} for {IP}:[0-9]+-[0-9]+:\S*?:[0-9]+/(?P<protocol>tcp|udp|sctp): {ERRNO}",
        "socket", "", "Engine 28", BIND),
    Row(rf"failed to bind host port {IP}:{PORT}/(?P<protocol>tcp|udp|sctp): {ERRNO}",
        "socket", "", "Engine 29 and newer", BIND),
    Row(rf"failed to create socket for {IP}:{PORT}\S*?/(?P<protocol>tcp|udp|sctp): {ERRNO}",
        "socket", "", "Engine 28 and newer", "the engine could not make a socket for the host port"),
    Row(rf"failed to listen on (?P<protocol>tcp|udp|sctp) socket: {ERRNO}",
        "socket", "", "Engine 28 and newer",
        "the engine bound the host port and could not listen on it; the text does not name the port", "listen"),
    Row(rf"Error starting userland proxy: {LISTEN}{ERRNO}", "socket", "", "Engine up to 26", PROXY),
    Row(rf"failed to load listeners: {LISTEN}{ERRNO}",
        "socket", "", "every engine", "the engine could not listen for its own API", "api"),
    Row(rf"{ENVELOPE}{LISTEN}{ERRNO}", "socket", "", "Engine up to 26 without userland-proxy", BIND),
    Row(rf"{EXPLICIT}{ERRNO}", "socket", "", "Engine up to 26 without userland-proxy", BIND),
    # docker-proxy itself
    Row(r"timed out (?:proxy )?starting the userland proxy|error reading exit status from userland proxy"
        r"|Error starting userland proxy: *(?:[\"'.)]|$)",
        "platform", "proxy_failed", "every engine",
        "docker-proxy did not come up (overload, a limit, a security module): no port is in conflict"),
    Row(r"failed to start docker-proxy, check that the current version|no path provided for userland-proxy binary"
        r'|exec: "docker-proxy": executable file not found',
        "config", "proxy_failed", "every engine",
        "the engine has no docker-proxy of its own version: no port is in conflict", "missing"),
    # The firewall. The port of a rule that is no DNAT rule is the container's
    Row(rf"iptables failed: .{{0,80}}?-t nat -A DOCKER -p (?P<protocol>tcp|udp|sctp) -d (?P<ip>[0-9a-fA-F.:/]+) "
        rf"--dport {PORT} -j DNAT .{{0,200}}?{NO_CHAIN}",
        "firewall", "iptables_chain_missing", "every engine", FLUSHED),
    Row(rf"iptables failed: .{{0,300}}?{NO_CHAIN}|iptables: {NO_CHAIN}|iptables v[0-9.]+ \([a-z_]+\): {NO_CHAIN}",
        "firewall", "iptables_chain_missing", "every engine", FLUSHED),
    Row(r"failed to create NAT chain|can't initialize ip6?tables table|RULE_APPEND failed|CHAIN_ADD failed"
        r"|Extension \w+ revision [0-9]+ not supported|missing kernel module\?|ip6?tables v[0-9.]+ \([a-z_]+\): "
        r"|ip6?tables failed: ",
        "firewall", "iptables_backend", "every engine",
        "iptables refused what the engine asked: kernel modules, the other backend's rules or a lock are in the way"),
    # Mappings that are no mappings
    Row(r"host port must not be specified in mapping|NAT is disabled, omit host address in port mapping",
        "config", "invalid_port_spec", "Engine 27",
        "the network routes instead of translating, so it takes no host port"),
    Row(r"Windows does not support host IP addresses in NAT settings",
        "config", "invalid_port_spec", "Windows containers", "Windows containers are published on every address only"),
    Row(r"conflicting options: port publishing and the container type network mode",
        "input", "invalid_port_spec", "every engine",
        "a container in another one's network cannot publish ports: publish them on the other one", "network_mode"),
    Row(r"invalid (?:containerPort|hostPort|proto|ip address|port range): |invalid ranges specified for container"
        r"|no port specified: |invalid (?:port specification|publish format|range format for --expose)"
        r"|invalid port (?:\S+, should be|description)|Port ranges don't match in length"
        r"|bind addresses for published ports must be|services\.\S+?\.ports\S* (?:contains|must be|additional|value)"
        r"|is missing a target port",
        "input", "invalid_port_spec", "the command line, Compose and Ansible",
        "the text of the published port was not understood; nothing was started"),
    # Windows' own words without Docker Desktop's
    Row(rf"(?:{LISTEN})?(?P<errno>an attempt was made to access a socket in a way forbidden"
        r"|only one usage of each socket address)",
        "socket", "", "engines on Windows", "Windows refused the port", "windows"),
)  # fmt: skip

# Asked only where none of the above is in the text: weak signs, and what is no refusal of a port
OTHERS = (
    Row(r"Host is already in use by another container",
        "other", "address_in_use", "Compose 1",
        "Compose 1 says this of every refused port, whoever holds it", "compose_v1"),
    Row(r'The container name "[^"]*" is already in use', "config", "not_a_port_problem", "every engine",
        "the container's name is taken, not a port"),
    Row(r"endpoint with name \S+ already exists in network", "config", "not_a_port_problem", "every engine",
        "the network has an endpoint of this name already: a record of an earlier container of the same name"),
    Row(r"network with name \S+ already exists|Pool overlaps with other one on this address space"
        r"|all predefined address pools have been fully subnetted|invalid pool request",
        "config", "not_a_port_problem", "every engine",
        "a network's name or its range of addresses is taken, not a port"),
    Row(r"could not find an available, non-overlapping|no available IPv[46] addresses on this network's address pools",
        "config", "not_a_port_problem", "every engine",
        "the pool of addresses for networks or containers is exhausted, not a port"),
    Row(r"declares mutually exclusive `?network_mode`? and `?networks`?", "input", "not_a_port_problem", "Compose",
        "the service has both network_mode and networks"),
    Row(r"failed to allocate gateway \([^)]*\): Address already in use"
        r"|(?:daemon|networking|container failed|service \S+): Address already in use"
        rf"|{ENDPOINT}: Address already in use|requested address is not available"
        r"|user specified IP address is supported only",
        "config", "not_a_port_problem", "every engine",
        "the container's fixed address in its network is taken, not a port"),
    Row(r"IPv[46] (?:global )?forwarding is disabled", "config", "not_a_port_problem", "Engine 29",
        "the kernel does not forward packets, so the engine makes no network"),
    Row(r"Published ports are discarded when using host network mode", "config", "not_a_port_problem", "every engine",
        "with the host's network a container has the host's ports itself: what it publishes is ignored"),
    Row(r"pull access denied|manifest(?: for \S+)? (?:unknown|not found)|toomanyrequests|failed to resolve reference"
        r"|no matching manifest|unauthorized: |error pulling image|failed to pull image|No such image",
        "other", "not_a_port_problem", "every engine", "the image could not be had"),
    Row(r"Cannot connect to the Docker daemon|dial unix \S+: connect: |error during connect"
        r"|Error while fetching server API version|Is the docker daemon running|docker daemon is not running",
        "other", "not_a_port_problem", "every client", "the engine was not reached, so it refused nothing"),
    Row(r"network \S+ not found|No such container|No such network", "other", "not_a_port_problem", "every engine",
        "a container or network that was named does not exist"),
    Row(r"bind source path does not exist|mounts denied|error mounting|invalid mount config",
        "config", "not_a_port_problem", "every engine", "a mount failed: `bind` here is about files"),
    Row(r"executable file not found in \$PATH|OCI runtime (?:create|exec) failed|exec format error"
        r"|no space left on device",
        "other", "not_a_port_problem", "every engine", "the container's own program or files failed"),
    Row(rf"EADDRINUSE:? (?:address already in use )?{IP}:{PORT}\b", "other", "not_a_port_problem", "programs", PROGRAM),
    Row(rf"(?:bind\(\) to|bind to address|binding to|listen(?: on)?(?: (?P<protocol>tcp|udp)[46]?)?) \(?{IP}:{PORT}\b"
        r".{0,60}?(?:address already in use|permission denied)", "other", "not_a_port_problem", "programs", PROGRAM),
    Row(rf"Address already in use.{{0,60}}?(?:address|port|for) \(?{IP}:{PORT}\b",
        "other", "not_a_port_problem", "programs", PROGRAM),
    Row(r"EADDRINUSE|address already in use|Errno 98|BindException",
        "other", "not_a_port_problem", "programs", PROGRAM),
)  # fmt: skip
