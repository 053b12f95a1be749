# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What may be behind a refusal, the most likely first, and what to run to know."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import ANY

Where = t.Tuple[t.Optional[str], t.Optional[int], t.Optional[str]]  # address, port, protocol


@dataclass(frozen=True)
class Candidate:
    """cause: its id in the catalogue. reason: why it can be behind this text."""

    cause: str
    reason: str


_ON_THE_HOST = (
    ("process", "a process of the host listens there"),
    ("unit", "a service of systemd's listens there"),
    ("socket_unit", "systemd itself listens there for a socket unit"),
    ("host_network", "a container on the host's network listens there"),
    ("container", "up to Engine 28.2 a container that publishes on a more specific address, or on every address, "
                  "is met here and not in the engine's table"),
    ("client_socket", "an outgoing connection has the port as its own end, and no listener shows"),
    ("orphan_proxy", "a docker-proxy outlived its container"),
    ("wsl_windows_side", "under WSL with mirrored networking Windows holds it, and Linux shows nobody"),
)  # fmt: skip
_ON_WINDOWS = (
    ("excluded_range", "Windows has reserved a range with the port in it (Hyper-V, WinNAT)"),
    ("desktop_backend", "Docker Desktop's own listener, or one that it left behind"),
    ("process", "a program of Windows holds it alone"),
)
_WINDOWS_USED = (
    ("process", "a program or service of Windows has the port"),
    ("desktop_backend", "Docker Desktop's own listener, or one that it left behind"),
    ("wsl_windows_side", "a program in a WSL distribution has it, through Windows"),
)

# By refusal and form, then by refusal alone
_CAUSES: t.Mapping[t.Tuple[str, str], t.Tuple[t.Tuple[str, str], ...]] = {
    ("port_allocated", ""): (
        ("container", "another container of this engine publishes it, running or paused"),
        ("duplicate_want", "the same container or project asks for it twice, such as 8080:80 beside 127.0.0.1:8080:80"),
        ("swarm_service", "a task of a service publishes it in host mode"),
        ("ghost_endpoint", "the engine still has a record of a container that is gone"),
    ),
    ("port_allocated", "range"): (
        ("container", "containers of this engine have every port of the range"),
        ("duplicate_want", "more replicas than the range has ports"),
    ),
    ("address_in_use", ""): _ON_THE_HOST,
    ("address_in_use", "listen"): (
        ("container", "Engine 28.0 to 28.2: a container on another address of the same port, bound at the same time"),
        *_ON_THE_HOST[:4],
    ),
    ("address_in_use", "rootless"): (
        *_ON_THE_HOST[:4],
        ("container", "the other engine of this host, the one of root, publishes it"),
        ("client_socket", "an outgoing connection has the port as its own end, and no listener shows"),
    ),
    ("address_in_use", "desktop"): (
        (
            "process",
            "a program of the machine Docker Desktop runs on has the port; on macOS 5000 and 7000 are AirPlay's",
        ),
        ("desktop_backend", "Docker Desktop's own listener, or one that it left behind"),
    ),
    ("address_in_use", "ingress"): _ON_THE_HOST[:4],
    ("address_in_use", "api"): _ON_THE_HOST[:3],
    ("address_in_use", "compose_v1"): (
        ("container", "another container publishes it: then the line after says that it is already allocated"),
        ("process", "a process of the host listens there: then the line after says that the address is in use"),
    ),
    ("address_not_available", ""): (
        (
            "address_absent",
            "the host does not have the address, or not yet: DHCP, a VPN, a floating address, boot order",
        ),
    ),
    ("permission_privileged", ""): (
        ("privileged_port", "the engine is rootless and the port is below net.ipv4.ip_unprivileged_port_start"),
    ),
    ("windows_excluded_or_forbidden", ""): _ON_WINDOWS,
    ("windows_in_use", ""): _WINDOWS_USED,
    ("hns_conflict", ""): (*_ON_WINDOWS[:1], *_WINDOWS_USED[:1]),
    ("desktop_backend", ""): (_ON_WINDOWS[1], _ON_WINDOWS[0], _WINDOWS_USED[0]),
    ("desktop_backend", "hung"): (("desktop_backend", "Docker Desktop's backend hangs"),),
    ("iptables_chain_missing", ""): (
        ("chains_missing", "a flush, a reload or a stop of a firewall service removed Docker's chains"),
        ("firewall_split", "iptables was switched between its backends after the engine had started"),
    ),
    ("iptables_backend", ""): (
        ("firewall_split", "rules live in both backends of iptables, or the kernel lacks the one in use"),
    ),
    ("swarm_port_in_use", ""): (("swarm_service", "another service publishes the port on every node"),),
    ("host_mode_port_no_node", ""): (
        ("swarm_service", "a task with the same host-mode port runs on every node that fits"),
        ("duplicate_want", "the service has more replicas than nodes fit"),
    ),
    ("rootless_port_driver", ""): (
        ("rootless_port_driver", "a limit or a fault of the port driver in this engine's version"),
    ),
}

_COLLAPSED = Candidate(
    "rootless_port_driver",
    "a rootless Engine 28.0 to 29.5 puts every host address on 127.0.0.1 in its table, so two addresses collide",
)


def candidates(refusal: str, form: str, address: t.Optional[str], port: t.Optional[int]) -> t.Tuple[Candidate, ...]:
    pairs = _CAUSES.get((refusal, form)) or _CAUSES.get((refusal, "")) or ()
    found = [Candidate(*pair) for pair in pairs]
    if refusal == "port_allocated" and address in ("127.0.0.1", "::1"):
        found.append(_COLLAPSED)
    if refusal == "permission_privileged" and port is not None and port >= 1024:
        return ()  # not a low port: a security module, which no cause is about
    return tuple(found)


def steps(refusal: str, form: str, where: Where) -> t.Tuple[str, ...]:
    """Commands and tasks, the most telling first; those that need the port only where the text says it."""
    found = _STEPS.get((refusal, form)) or _STEPS.get((refusal, "")) or ()
    words = {key: word for key, word in _words(where).items() if word}
    said = [step for step in found if set(_FIELD.findall(step)) <= set(words)]
    if len(said) < len(found) and where[1] is None:
        said.insert(0, "dockmaster.ports.port_check with what the container publishes")
    return tuple(step.format(**words) for step in said)


def _words(where: Where) -> t.Dict[str, str]:
    address, port, protocol = where
    host = f"[{address}]" if ":" in (address or "") else address or ANY
    return {
        "binding": f"{host}:{port}/{protocol or 'tcp'}" if port else "",
        "port": str(port or ""),
        "protocol": protocol or "tcp",
        "address": address or "",
    }


_FIELD = re.compile(r"(?<!\{)\{([a-z]+)\}(?!\})")
_CHECK = "dockmaster.ports.port_check with publish: ['{binding}']"
_HOST = "ss -Htulnp 'sport = :{port}'  # as root: who listens"
_CLIENTS = "ss -Htanp 'sport = :{port}'  # connections that have the port as their own end"
_EXCLUDED = "netsh interface ipv4 show excludedportrange protocol={protocol}"
_LISTENERS = "Get-NetTCPConnection -LocalPort {port}; Get-NetUDPEndpoint -LocalPort {port}"

_STEPS: t.Mapping[t.Tuple[str, str], t.Tuple[str, ...]] = {
    ("port_allocated", ""): (
        _CHECK,
        "docker ps --filter publish={port}",
        "docker network inspect $(docker network ls -q)  # an endpoint whose container is gone",
    ),
    ("port_allocated", "range"): ("docker ps --format '{{{{.Names}}}} {{{{.Ports}}}}'",),
    ("address_in_use", ""): (_CHECK, _HOST, _CLIENTS),
    ("address_in_use", "listen"): (
        _CHECK,
        "docker inspect --format '{{{{json .HostConfig.PortBindings}}}}' CONTAINER  # the text names no port",
    ),
    ("address_in_use", "desktop"): (_CHECK, "lsof -nP -iTCP:{port}  # macOS, Linux", _LISTENERS + "  # Windows"),
    ("address_not_available", ""): (_CHECK, "ip -brief address  # is {address} there?"),
    ("permission_privileged", ""): (_CHECK, "sysctl net.ipv4.ip_unprivileged_port_start", "ausearch -m avc -ts recent"),
    ("windows_excluded_or_forbidden", ""): (_CHECK, _EXCLUDED, _LISTENERS),
    ("windows_in_use", ""): (_CHECK, _LISTENERS, "netsh http show servicestate  # where the holder is process 4"),
    ("hns_conflict", ""): (_EXCLUDED, _LISTENERS, "Get-HnsEndpoint; Get-HnsPolicyList"),
    ("desktop_backend", ""): (_CHECK, _EXCLUDED, _LISTENERS, "restart Docker Desktop"),
    ("desktop_backend", "hung"): ("restart Docker Desktop",),
    ("iptables_chain_missing", ""): (
        "dockmaster.ports.port_facts with sections: [nat, firewall]",
        "systemctl restart docker  # makes the chains again, and restarts containers without live-restore",
    ),
    ("iptables_backend", ""): (
        "dockmaster.ports.port_facts with sections: [nat, firewall]",
        "iptables --version; lsmod  # after an upgrade of the kernel: reboot",
    ),
    ("proxy_failed", ""): ("journalctl -u docker --since -10min",),
    ("proxy_failed", "missing"): ("docker version; command -v docker-proxy  # both of one package?",),
    ("swarm_port_in_use", ""): ("docker service ls --format '{{{{.Name}}}} {{{{.Ports}}}}'",),
    ("host_mode_port_no_node", ""): ("docker service ps --no-trunc SERVICE",),
    ("rootless_port_driver", ""): (_CHECK, "docker version; rootlesskit --version"),
    ("invalid_port_spec", ""): ("dockmaster.ports.port_check with the same publish: it says which part is at fault",),
}
