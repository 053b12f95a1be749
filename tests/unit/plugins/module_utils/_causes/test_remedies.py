# SPDX-License-Identifier: GPL-3.0-or-later
"""Every remedy of every cause, word by word: what people read, and what roles act on."""

from __future__ import annotations

import pathlib
import re
from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import catalogue as c
from ansible_collections.dockmaster.ports.plugins.module_utils._core import reserving
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.binds import Bind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import NetworkEndpoint
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import ExcludedRange, Platform
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import Firewall, NatRule, Ruleset
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.units import SocketUnit
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    ENDPOINT,
    ENGINE,
    KERNEL,
    NETWORK,
    NGINX,
    PYTHON,
    RESOLVED,
    WEB,
    WEB_8080,
    host,
    judge,
)

MAC, WINDOWS = Platform(system="Darwin"), Platform(system="Windows")
MIRRORED, RELAYED = (Platform(wsl="2", wsl_networking=mode) for mode in ("mirrored", "nat"))
HOSTED = Socket("0.0.0.0", "tcp", 8080, pid=950, command="prometheus", container="a" * 64)
CUPS = SocketUnit("cups.socket", "0.0.0.0", "tcp", 631, active=False, enabled=True, triggers="cups.service")
PROXY = Socket("0.0.0.0", "tcp", 8080, pid=901, started=3.0, command="docker-proxy", unit="docker.service")
DESKTOP = Socket("::", "tcp", 8080, pid=1404, command="com.docker.backend")
AIRPLAY = Socket("0.0.0.0", "tcp", 5000, pid=612, command="ControlCenter")
IIS = Socket("0.0.0.0", "tcp", 80, pid=1012, command="svchost.exe", services=("W3SVC",))
CLIENT = Socket("192.0.2.10", "tcp", 40000, "time_wait", peer="198.51.100.7:443")
RULE = NatRule(
    "iptables-nft", "ip", "nat", "DOCKER", 2, "-A DOCKER ...", "dnat", "tcp", first=8080, last=8080, to_ip="172.18.0.9",
    to_first=80, hooks=("prerouting",), owner="docker",
)  # fmt: skip
FORWARD = "add v4tov4 listenport=80 connectaddress=172.20.1.5 connectport=8080"
FORWARDED = NatRule("portproxy", "ip", "", "", 1, FORWARD, "dnat", "tcp", first=80, last=80, to_ip="172.20.1.5")
SUBNET = NetworkEndpoint("shop", "br-1", "172.18.0.0/16", engine=ENDPOINT)
LISTED = replace(SUBNET, name="db", ip="172.18.0.9")
BLOCK = tuple(ExcludedRange(8037, 8136, "tcp", one) for one in ("ipv4", "ipv6"))
RESERVED = tuple(replace(one, administered=True) for one in BLOCK)
WRITING, ROOTLESS = replace(ENGINE, version="26.1.5", iptables=None), replace(ENGINE, rootless=True)
NO_RULES = Firewall(rulesets=(Ruleset("iptables-nft", "ip"), Ruleset("iptables-legacy", "ip")))
BOTH = Firewall(rulesets=tuple(replace(one, docker_rules=4) for one in NO_RULES.rulesets))
REFUSED = tuple(Bind(ip, "tcp", 80, "EADDRINUSE", "bind") for ip in ("0.0.0.0", "::"))
LOST = "its containers, unless live-restore is on"
WINNAT = "NAT of Windows containers, WSL and Hyper-V, while it restarts"

MOVE = "move_want"
RESTART = ("restart_engine", "restart the engine", LOST, {})
STOP_WEB = ("stop_container", "stop container web", "container web stops", {"container": "a" * 64, "name": "web"})

TABLE = [
    # cause, host, wanted, remedies: id, what to do, what it disturbs, what a role needs to know
    (c.container, host(publications=(WEB_8080,)), "8080:80", [MOVE, STOP_WEB]),
    (c.host_network, host(containers=(WEB,), sockets=(HOSTED,)), "8080:80", [MOVE, STOP_WEB]),
    (c.unit, host(sockets=(NGINX,)), "80:80", [
        MOVE, ("stop_unit", "stop and disable nginx.service", "nginx.service stops", {"unit": "nginx.service"})]),
    (c.unit, host(sockets=(RESOLVED,)), "53:53/udp", [
        MOVE,
        ("bind_specific_address", "publish on an address that systemd-resolved.service does not use", "", {}),
        ("release_resolved_stub", "turn systemd-resolved's stub listener off and keep the host's name resolution",
         "programs that ask 127.0.0.53 for names", {}),
        ("stop_unit", "stop and disable systemd-resolved.service", "systemd-resolved.service stops",
         {"unit": "systemd-resolved.service"})]),
    (c.socket_unit, host(units=(CUPS,)), "631:631", [
        MOVE, ("stop_unit", "stop and disable cups.socket", "cups.socket stops", {"unit": "cups.socket"})]),
    (c.desktop_backend, host(platform=MAC, sockets=(DESKTOP,)), "8080:80", [
        MOVE, ("restart_desktop", "restart Docker Desktop", "all its containers, while it restarts", {})]),
    (c.desktop_backend, host(platform=MAC, sockets=(AIRPLAY,)), "5000:80", [
        MOVE, ("turn_off_airplay_receiver", "turn off AirPlay Receiver in System Settings, General, AirDrop & Handoff",
               "others can no longer play to this Mac", {})]),
    (c.windows_service, host(platform=WINDOWS, sockets=(IIS,)), "80:80", [
        MOVE, ("stop_windows_service", "stop and disable Windows service W3SVC", "W3SVC stops", {"services": ["W3SVC"]})]),
    (c.windows_service, host(platform=WINDOWS, nat=(FORWARDED,)), "80:80", [
        MOVE, ("remove_port_proxy", "remove the port proxy: netsh interface portproxy delete v4tov4 listenport=80",
               "who connects by it", {"command": "netsh interface portproxy delete v4tov4 listenport=80"})]),
    (c.wsl_windows_side, host(platform=RELAYED, windows_sockets=(IIS,), exclusions=()), "80:80", [
        MOVE, ("stop_on_windows", "stop it on Windows, or gather the Windows host itself and remediate there", "", {})]),
    (c.wsl_windows_side, host(platform=MIRRORED, windows_sockets=(), exclusions=(), binds=REFUSED), "80:80", [
        MOVE, ("ignore_port", "name the port in ignoredPorts under [experimental] in .wslconfig on Windows, and run "
               "`wsl --shutdown` there", "every distribution of this Windows, while WSL restarts", {})]),
    (c.process, host(sockets=(PYTHON,)), "8080:80", [
        MOVE, ("stop_process", "stop python3 (pid 4711)", "python3 (pid 4711) ends",
               {"pid": 4711, "started": 9.0, "command": "python3"})]),
    (c.process, host(platform=MAC, sockets=(PYTHON,)), "8080:80", [
        MOVE, ("end_process", "end python3 (pid 4711)", "python3 (pid 4711) ends", {})]),
    (c.process, host(platform=MAC, sockets=(replace(PYTHON, label="local.web"),)), "8080:80", [
        MOVE, ("unload_job", "unload launchd's job local.web (launchctl bootout)",
               "python3 of launchd's job local.web (pid 4711) ends", {})]),
    (c.process, host(platform=MAC, sockets=(replace(PYTHON, pid=1, command="launchd"),)), "8080:80", [
        MOVE, ("unload_job", "unload the job that launchd listens for (launchctl bootout), or turn its service off", "", {})]),
    (c.orphan_proxy, host(sockets=(PROXY,)), "8080:80", [
        MOVE, ("stop_process", "stop docker-proxy without a container (pid 901)", "",
               {"pid": 901, "started": 3.0, "command": "docker-proxy"}), RESTART]),
    (c.ghost_endpoint, host(sockets=(PROXY,), nat=(RULE,), endpoints=(SUBNET, LISTED)), "8080:80", [
        MOVE, ("remove_endpoint", "remove the endpoint behind 172.18.0.9:80", "", {"address": "172.18.0.9"}), RESTART]),
    (c.ghost_endpoint, host(sockets=(PROXY,), nat=(RULE,), endpoints=(SUBNET, NETWORK)), "8080:80", [
        MOVE, RESTART, ("remake_network", "if it comes back at each start, remove network shop and make it anew",
                        "its containers", {})]),
    (c.nat_rule, host(containers=(WEB,), endpoints=(NETWORK,), nat=(RULE,)), "8080:80", [
        ("remove_orphan_rules", "remove that very rule", "",
         {"rules": [{"backend": "iptables-nft", "family": "ip", "table": "nat", "chain": "DOCKER", "text": "-A DOCKER ..."}]}),
        MOVE]),
    (c.chains_missing, host(engine=(WRITING,), firewall=NO_RULES), "8080:80", [RESTART]),
    (c.firewall_split, host(engine=(WRITING,), firewall=BOTH), "8080:80", [
        ("use_one_backend", "keep one backend and restart the engine", "its containers, while it restarts", {})]),
    (c.address_absent, host(), "198.51.100.9:80:80", [
        ("fix_address", "publish without an address, or give the host 198.51.100.9", "", {"address": "198.51.100.9"})]),
    (c.excluded_range, host(platform=WINDOWS, exclusions=BLOCK), "8080:80", [
        MOVE,
        ("reserve_windows_port",
         "reserve the port while winnat is stopped (module win_port_reservation, restart_winnat: if_needed)", WINNAT,
         {"ports": ["8080"], "protocol": "tcp"}),
        ("restart_winnat", "restart winnat, and hope that Hyper-V draws other blocks", WINNAT, {})]),
    (c.excluded_range, host(platform=WINDOWS, exclusions=RESERVED, engine=(replace(ENGINE, os_type="windows"),)), "8080:80", [
        MOVE, ("release_windows_port", "release the port (module win_port_reservation, state: absent)", "",
               {"ports": ["8080"], "protocol": "tcp"})]),
    (c.ipv6_unserved, host(engine=(replace(ENGINE, userland_proxy=False),)), "[::1]:8080:80", [
        ("fix_address", "publish on an IPv4 address, or give the container's network IPv6", "", {})]),
    (c.privileged_port, host(engine=(ROOTLESS,)), "443:443", [
        MOVE, ("lower_unprivileged_port", "let every user of this host bind ports from 443 on",
               "any user may then listen on ports 443-1023", {"start": 443})]),
    (c.rootless_port_driver, host(engine=(replace(ROOTLESS, version="28.0.0", port_driver="slirp4netns"),)), "8080:80", [
        ("upgrade_engine", "upgrade the engine", "its containers, while it restarts", {})]),
    (c.client_socket, host(clients=(CLIENT,)), "40000:80", [
        ("wait", "wait until the connection has ended", "", {"state": "time_wait"}),
        ("reserve_port", "keep the kernel from handing the port to clients", "", {"ports": ["40000-40000"]}), MOVE]),
    (c.stopped_container, host(publications=(replace(WEB_8080, state="exited", actual=False),)), "8080:80", [
        MOVE, ("remove_container", "remove exited container web", "exited container web is gone, not its volumes",
               {"container": "a" * 64, "name": "web"})]),
    (c.ephemeral, host(kernel=replace(KERNEL, port_range=(32768, 60999))), "40000:80", [
        ("reserve_port", "keep the kernel from handing the port to clients", "", {"ports": ["40000"]}), MOVE]),
    (c.ephemeral, host(platform=WINDOWS, kernel=replace(KERNEL, port_range=(1024, 65535)), exclusions=()), "40000:80", [
        ("restore_dynamic_range", "bring back the range that Windows draws from by itself (module win_dynamic_ports)", "", {}),
        ("reserve_windows_port", "keep the kernel from handing the port to clients (module win_port_reservation)", "",
         {"ports": ["40000"], "protocol": "tcp"}), MOVE]),
]  # fmt: skip


@pytest.mark.parametrize("cause, evidence, publish, offered", TABLE, ids=[row[0].CAUSE.id for row in TABLE])
def test_what_is_offered(cause, evidence, publish, offered):
    move = (MOVE, "publish shop on another host port or address", "", {"publish": publish})

    (finding,) = judge(evidence, publish, cause).findings

    assert finding.cause == cause.CAUSE.id
    assert [(one.id, one.summary, one.disrupts, one.params) for one in finding.remedies] == [
        move if one == MOVE else one for one in offered
    ]


def test_no_remedy_is_left_out():
    files = [*pathlib.Path(c.__file__).parent.glob("*.py"), pathlib.Path(reserving.__file__)]
    made = {name for file in files for name in re.findall(r'\bRemedy\(\s*"(\w+)"', file.read_text(encoding="utf-8"))}

    assert made == {one[0] for row in TABLE for one in row[3] if one != MOVE}
