# SPDX-License-Identifier: GPL-3.0-or-later
"""A Windows host as a recording: what its programs print."""

from __future__ import annotations

import json

from ansible_collections.dockmaster.ports.plugins.module_utils._collect import collect, sections_of
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows.command import MACHINE
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows.engine import commands as engine_commands
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.windows_recordings import (
    CODE_PAGES,
    recorded,
)

REQUEST = Request(sections=sections_of(["all"]), name="WEB-07", system="Windows")
SAYS = {
    "name": "WEB-07",
    "version": "10.0.20348.0",
    "elevated": True,
    "addresses": [
        {"ip": "192.0.2.7", "prefix": 24, "interface": "Ethernet"},
        {"ip": "fe80::1c2d%12", "prefix": 64, "interface": "Ethernet"},
        {"ip": "::1", "prefix": 128, "interface": "Loopback Pseudo-Interface 1"},
    ],
}
NO_PROXIES = "# Port Proxy\r\npushd interface portproxy\r\n\r\nreset\r\n\r\npopd\r\n"
_TASKS, CONTEXT, INFO, LIST, INSPECT = map(str, engine_commands(REQUEST))

DESKTOP = {
    "ID": "e0f1", "ServerVersion": "28.5.2", "OperatingSystem": "Docker Desktop", "OSType": "linux",
    "SecurityOptions": ["name=seccomp,profile=unconfined"], "LiveRestoreEnabled": False,
    "Swarm": {"LocalNodeState": "inactive", "ControlAvailable": False},
}  # fmt: skip


def container(number, name, state="running", ports=None, asked=None, labels=None, exposed=None):
    """A line of `docker container inspect`. ports, asked: {"80/tcp": [["0.0.0.0", "8080"]]}."""
    project, service = labels or ("", "")
    return json.dumps(
        {
            "Id": f"{number:064x}",
            "Name": f"/{name}",
            "State": {"Status": state, "Pid": 700 if state == "running" else 0, "ExitCode": 0, "Error": ""},
            "HostConfig": {
                "NetworkMode": "bridge",
                "PortBindings": _bindings(asked),
                "PublishAllPorts": False,
                "RestartPolicy": {"Name": "unless-stopped", "MaximumRetryCount": 0},
            },
            "Config": {
                "Image": "nginx",
                "ExposedPorts": exposed,
                "Labels": {"com.docker.compose.project": project, "com.docker.compose.service": service},
            },
            "NetworkSettings": {
                "Ports": _bindings(ports),
                "Networks": {"bridge": {"IPAddress": "172.17.0.2", "IPPrefixLen": 16, "Gateway": "172.17.0.1"}},
            },
        }
    )


def _bindings(ports):
    return {
        port: [{"HostIp": ip, "HostPort": host} for ip, host in bindings] for port, bindings in (ports or {}).items()
    }


WEB = container(1, "shop-web-1", ports={"80/tcp": [["0.0.0.0", "8081"], ["::", "8081"]]},
                asked={"80/tcp": [["", "8081"]]}, labels=("shop", "web"))  # fmt: skip
OLD = container(2, "old", "exited", asked={"80/tcp": [["127.0.0.1", "9090"]]})


def desktop(*containers):
    """What docker prints beside a running engine."""
    return {
        CONTEXT: [0, "npipe:////./pipe/dockerDesktopLinuxEngine\n", ""],
        INFO: [0, json.dumps(DESKTOP) + "\n", ""],
        LIST: [0, "".join(f"{number:012x}\n" for number, _one in enumerate(containers, 1)), ""],
        INSPECT: [0, "".join(one + "\n" for one in containers), ""],
    }


def recording(language="english", **ran):
    """Everything that a Windows host is asked, in a language; `ran` says what else was printed, None takes a program."""
    page = CODE_PAGES[language]
    printed = {
        "netstat -ano": recorded(language, "netstat-ano.bin", page),
        "netstat -anoq": recorded(language, "netstat-anoq.bin", page),
        "tasklist /SVC /FO CSV /NH": recorded(language, "tasklist.bin", page),
        "netsh interface portproxy dump": NO_PROXIES,
    }
    for family in ("ipv4", "ipv6"):
        for protocol in ("tcp", "udp"):
            table = recorded(language, f"netsh-excludedportrange-{protocol}.bin", page)
            printed[f"netsh interface {family} show excludedportrange protocol={protocol}"] = table
            dynamic = recorded("english", "netsh-dynamicport-tcp.bin", "ascii")
            printed[f"netsh interface {family} show dynamicport protocol={protocol}"] = dynamic
    answers = {command: [0, text, ""] for command, text in printed.items()}
    answers.update(dict.fromkeys((CONTEXT, INFO, LIST, INSPECT)))
    return ReplayHost({"run": {**answers, **ran}, "read": {MACHINE: json.dumps(SAYS)}}, taken_at=7.0)


def gathered(host, request=REQUEST):
    return collect(host, request)
