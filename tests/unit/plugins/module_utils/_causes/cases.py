# SPDX-License-Identifier: GPL-3.0-or-later
"""Evidence of small hosts that the causes' tests judge."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import Diagnosis, diagnose
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import wants_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import (
    Container,
    Engine,
    NetworkEndpoint,
    Publication,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Address, Kernel
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import Firewall
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket

ENDPOINT = "unix:///run/docker.sock"
ENGINE = Engine(endpoint=ENDPOINT, version="28.5.2", pid=700, userland_proxy=True, iptables=False)
KERNEL = Kernel(
    unprivileged_start=1024,
    ipv6=True,
    addresses=(
        Address("192.0.2.10", 24, "eth0"),
        Address("::1", 128, "lo"),
    ),
)
QUIET = Evidence(
    kernel=KERNEL,
    sockets=(),
    clients=(),
    units=(),
    engine=(ENGINE,),
    containers=(),
    publications=(),
    endpoints=(),
    nat=(),
    firewall=Firewall(),
    focus=("1-65535",),
)
"""A host on which everything was seen and nothing is taken."""

NGINX = Socket("0.0.0.0", "tcp", 80, pid=812, started=5.0, command="nginx", unit="nginx.service")
RESOLVED = Socket(
    "127.0.0.53", "udp", 53, "bound", pid=300, started=2.0, command="systemd-resolve", unit="systemd-resolved.service"
)
PYTHON = Socket("127.0.0.1", "tcp", 8080, pid=4711, started=9.0, command="python3", unit="session-3.scope")
WEB = Container("a" * 64, "web", ENDPOINT, state="running", project="shop", service="web", addresses=("172.18.0.2",))
NETWORK = NetworkEndpoint("bridge", "docker0", "172.18.0.0/16", "a" * 64, "web", "172.18.0.2", ENDPOINT)
WEB_8080 = Publication(
    "a" * 64, "web", "shop/web", "tcp", 8080, 8080, 80, ip="0.0.0.0", actual=True, state="running", engine=ENDPOINT
)


def host(**sections: t.Any) -> Evidence:
    """The quiet host with some sections of its own."""
    return replace(QUIET, **sections)


def judge(evidence: Evidence, publish: t.Any, cause: t.Any, by: str = "shop") -> Diagnosis:
    """What one cause, alone, makes of a request."""
    return diagnose(evidence, wants_of(publish, by), [cause])


def summaries(diagnosis: Diagnosis) -> t.List[str]:
    return [finding.summary for finding in diagnosis.findings]


def remedies(diagnosis: Diagnosis) -> t.List[t.List[str]]:
    return [[remedy.id for remedy in finding.remedies] for finding in diagnosis.findings]


def verdicts(diagnosis: Diagnosis) -> t.List[str]:
    return [judged.verdict.value for judged in diagnosis.wants]
