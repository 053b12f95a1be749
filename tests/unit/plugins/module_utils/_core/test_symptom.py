# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import pathlib
import re
import time

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.symptom import (
    LAYERS,
    REFUSALS,
    SymptomError,
    explain,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.symptom_rows import OTHERS, ROWS

hypothesis = pytest.importorskip("hypothesis")
given, st = hypothesis.given, hypothesis.strategies

ID = "3f9a" * 16
RECORDINGS = sorted(pathlib.Path(__file__).parents[3].glob("recordings/*/*.error.txt"))
OLD = f"driver failed programming external connectivity on endpoint shop ({ID}): "
NEW = f"failed to set up container networking: {OLD}"
DESKTOP = "Error response from daemon: Ports are not available: "
DNAT = "(iptables failed: iptables --wait -t nat -A DOCKER -p tcp -d 0/0 --dport 8092 -j DNAT --to-destination"
PRIVILEGED = (
    "cannot expose privileged port 80, you can add 'net.ipv4.ip_unprivileged_port_start=80' to /etc/sysctl.conf "
    "(currently 1024), or set CAP_NET_BIND_SERVICE on rootlesskit binary, or choose a larger port number (>= 1024): "
    "listen tcp 0.0.0.0:80: bind: permission denied"
)

ALL, NONE = "0.0.0.0", None
CASES = [
    # text, layer, refusal, address, port, protocol, container
    # The engine's own table
    (f"docker: Error response from daemon: {OLD}Bind for 0.0.0.0:8080 failed: port is already allocated.",
     "allocator", "port_allocated", ALL, 8080, NONE, "shop"),
    (f"docker: Error response from daemon: {NEW}Bind for :::3000 failed: port is already allocated\n\n"
     "Run 'docker run --help' for more information", "allocator", "port_allocated", "::", 3000, NONE, "shop"),
    (f"{NEW}Bind for ::1:3000 failed: port is already allocated",
     "allocator", "port_allocated", "::1", 3000, NONE, "shop"),
    (f"{OLD}all ports are allocated", "allocator", "port_allocated", NONE, NONE, NONE, "shop"),
    # docker-proxy and the engine itself, up to 26
    (f"{OLD}Error starting userland proxy: listen tcp4 0.0.0.0:80: bind: address already in use.",
     "socket", "address_in_use", ALL, 80, "tcp", "shop"),
    (f"{OLD}Error starting userland proxy: listen tcp6 [::]:80: bind: address already in use.",
     "socket", "address_in_use", "::", 80, "tcp", "shop"),
    (f"{OLD}Error starting userland proxy: listen tcp 0.0.0.0:80: bind: address already in use.",
     "socket", "address_in_use", ALL, 80, "tcp", "shop"),
    (f"{OLD}listen udp4 0.0.0.0:53: bind: address already in use.",
     "socket", "address_in_use", ALL, 53, "udp", "shop"),
    (f"{OLD}listen tcp 0.0.0.0:80: bind: address already in use.",
     "socket", "address_in_use", ALL, 80, "tcp", "shop"),
    ("listen tcp4 0.0.0.0:80: bind: address already in use", "socket", "address_in_use", ALL, 80, "tcp", NONE),
    # 27, 28, 29
    (f"{OLD}failed to bind port 0.0.0.0:8080/tcp: Error starting userland proxy: listen tcp4 0.0.0.0:8080: bind: "
     "address already in use", "socket", "address_in_use", ALL, 8080, "tcp", "shop"),
    (f"{OLD}failed to bind port 0.0.0.0:8080/tcp: listen tcp4 0.0.0.0:8080: bind: address already in use",
     "socket", "address_in_use", ALL, 8080, "tcp", "shop"),
    (f"{NEW}failed to bind host port for 0.0.0.0:8080:172.17.0.2:80/tcp: address already in use",
     "socket", "address_in_use", ALL, 8080, "tcp", "shop"),
    (f"{NEW}failed to bind host port for [::]:8080:[fd00::2]:80/udp: address already in use",
     "socket", "address_in_use", "::", 8080, "udp", "shop"),
    (f"{NEW}failed to bind host port 8085 for 0.0.0.0:8080-8090:172.17.0.2:80/tcp: address already in use",
     "socket", "address_in_use", ALL, 8085, "tcp", "shop"),
    (f"{NEW}failed to listen on TCP socket: address already in use",
     "socket", "address_in_use", NONE, NONE, "tcp", "shop"),
    (f"{NEW}failed to bind host port [::]:8003/tcp: address already in use",
     "socket", "address_in_use", "::", 8003, "tcp", "shop"),
    (f"{NEW}failed to listen on sctp socket: address already in use",
     "socket", "address_in_use", NONE, NONE, "sctp", "shop"),
    # The same, for other reasons
    (f"{OLD}Error starting userland proxy: listen tcp4 203.0.113.9:7008: bind: cannot assign requested address.",
     "socket", "address_not_available", "203.0.113.9", 7008, "tcp", "shop"),
    (f"{NEW}failed to bind host port 203.0.113.9:7008/tcp: cannot assign requested address",
     "socket", "address_not_available", "203.0.113.9", 7008, "tcp", "shop"),
    (f"{OLD}listen tcp6 [::]:80: socket: address family not supported by protocol",
     "socket", "address_not_available", "::", 80, "tcp", "shop"),
    (f"{NEW}failed to create socket for [::]:80:[fd00::2]:80/tcp: address family not supported by protocol",
     "socket", "address_not_available", "::", 80, "tcp", "shop"),
    (f"{NEW}failed to bind host port 0.0.0.0:80/tcp: permission denied",
     "socket", "permission_privileged", ALL, 80, "tcp", "shop"),
    (f"{NEW}failed to bind host port 0.0.0.0:80/tcp: too many open files",
     "socket", "not_a_port_problem", ALL, 80, "tcp", "shop"),
    ("failed to load listeners: listen tcp 127.0.0.1:2375: bind: address already in use",
     "socket", "address_in_use", "127.0.0.1", 2375, "tcp", NONE),
    # docker-proxy that does not come up
    (f"{OLD}Timed out proxy starting the userland proxy.", "platform", "proxy_failed", NONE, NONE, NONE, "shop"),
    (f"{NEW}timed out starting the userland proxy", "platform", "proxy_failed", NONE, NONE, NONE, "shop"),
    (f"{OLD}Error starting userland proxy: .", "platform", "proxy_failed", NONE, NONE, NONE, "shop"),
    (f"{OLD}Error starting userland proxy: ", "platform", "proxy_failed", NONE, NONE, NONE, "shop"),
    (f"{OLD}error reading exit status from userland proxy", "platform", "proxy_failed", NONE, NONE, NONE, "shop"),
    (f"{NEW}failed to start docker-proxy, check that the current version is in your $PATH",
     "config", "proxy_failed", NONE, NONE, NONE, "shop"),
    (f'{OLD}exec: "docker-proxy": executable file not found in $PATH.',
     "config", "proxy_failed", NONE, NONE, NONE, "shop"),
    ("no path provided for userland-proxy binary", "config", "proxy_failed", NONE, NONE, NONE, NONE),
    # Rootless
    (f"{OLD}Error starting userland proxy: error while calling PortManager.AddPort(): listen tcp4 0.0.0.0:22: bind: "
     "address already in use.", "socket", "address_in_use", ALL, 22, "tcp", "shop"),
    (f"{NEW}error while calling RootlessKit PortManager.AddPort(): listen tcp4 0.0.0.0:22: bind: address already in use",
     "socket", "address_in_use", ALL, 22, "tcp", "shop"),
    (f"{NEW}error while calling RootlessKit PortManager.AddPort(): {PRIVILEGED}",
     "socket", "permission_privileged", ALL, 80, "tcp", "shop"),
    (f"{OLD}Error starting userland proxy: error while calling PortManager.AddPort(): cannot expose privileged port 80, "
     'you might need to add "net.ipv4.ip_unprivileged_port_start=0" (currently 1024) to /etc/sysctl.conf',
     "socket", "permission_privileged", NONE, 80, NONE, "shop"),
    (f"{NEW}error while calling RootlessKit PortManager.AddPort(): conflict with ID 3",
     "platform", "rootless_port_driver", NONE, NONE, NONE, "shop"),
    (f'{NEW}protocol "sctp" is not supported by the RootlessKit port driver "slirp4netns"',
     "platform", "rootless_port_driver", NONE, NONE, "sctp", "shop"),
    (f"{NEW}error while calling RootlessKit PortManager.AddPort(): failed to expose port: expose request failed with "
     "status 500", "platform", "rootless_port_driver", NONE, NONE, NONE, "shop"),
    (f"{NEW}error while calling RootlessKit PortManager.AddPort(): something that nobody has seen yet",
     "platform", "rootless_port_driver", NONE, NONE, NONE, "shop"),
    # Docker Desktop
    (f"{DESKTOP}listen tcp 0.0.0.0:5432: bind: An attempt was made to access a socket in a way forbidden by its access "
     "permissions.", "platform", "windows_excluded_or_forbidden", ALL, 5432, "tcp", NONE),
    (f"{DESKTOP}exposing port TCP 0.0.0.0:50070 -> 0.0.0.0:0: listen tcp 0.0.0.0:50070: bind: An attempt was made to "
     "access a socket in a way forbidden by its access permissions.",
     "platform", "windows_excluded_or_forbidden", ALL, 50070, "tcp", NONE),
    (f"{DESKTOP}exposing port TCP 0.0.0.0:80 -> 127.0.0.1:0: listen tcp 0.0.0.0:80: bind: Only one usage of each socket "
     "address (protocol/network address/port) is normally permitted.",
     "socket", "windows_in_use", ALL, 80, "tcp", NONE),
    (f"{DESKTOP}exposing port UDP 0.0.0.0:53 -> 127.0.0.1:0: listen udp4 0.0.0.0:53: bind: address already in use",
     "socket", "address_in_use", ALL, 53, "udp", NONE),
    ("Error response from daemon: ports are not available: exposing port TCP 127.0.0.1:3000 -> 127.0.0.1:0: "
     "/forwards/expose returned unexpected status: 500", "platform", "desktop_backend", "127.0.0.1", 3000, "TCP", NONE),
    (f"{DESKTOP}exposing port TCP 0.0.0.0:8080 -> 127.0.0.1:0: listen tcp4 0.0.0.0:8080: bind: Der Zugriff auf einen "
     "Socket war aufgrund der Zugriffsrechte des Sockets unzulässig.",
     "platform", "windows_excluded_or_forbidden", ALL, 8080, "tcp", NONE),
    (f"{DESKTOP}listen tcp 0.0.0.0:80: bind: Normalerweise darf jede Socketadresse (Protokoll, Netzwerkadresse oder "
     "Anschluss) nur jeweils einmal verwendet werden.", "socket", "windows_in_use", ALL, 80, "tcp", NONE),
    (f"{DESKTOP}listen tcp 0.0.0.0:80: bind: Une tentative d\u2019accès à un socket de manière interdite par ses "
     "autorisations d\u2019accès a été tentée.", "platform", "windows_excluded_or_forbidden", ALL, 80, "tcp", NONE),
    (f"{DESKTOP}listen tcp 0.0.0.0:80: bind: 以一种访问权限不允许的方式做了一个访问套接字的尝试。",
     "platform", "windows_excluded_or_forbidden", ALL, 80, "tcp", NONE),
    (f"{DESKTOP}listen tcp 0.0.0.0:80: bind: Sochlas do ghabháil na seoltaí seo ar an eochair",
     "platform", "desktop_backend", ALL, 80, "tcp", NONE),
    (f'{DESKTOP}unable to list exposed ports: Get "http://unix/forwards/list": EOF',
     "platform", "desktop_backend", NONE, NONE, NONE, NONE),
    (f"{DESKTOP}port is already allocated.", "platform", "desktop_backend", NONE, NONE, NONE, NONE),
    (f"{OLD}Error starting userland proxy: Bind for 0.0.0.0:80: unexpected error (Failure EADDRINUSE).",
     "socket", "address_in_use", ALL, 80, NONE, "shop"),
    (f"{OLD}Error starting userland proxy: Bind for 0.0.0.0:80: unexpected error Permission denied.",
     "socket", "permission_privileged", ALL, 80, NONE, "shop"),
    ("Failed to bind: EADDRINUSE", "socket", "address_in_use", NONE, NONE, NONE, NONE),
    # Windows containers
    ("failed to create endpoint shop on network nat: failed during hnsCallRawResponse: hnsCall failed in Win32: The "
     "process cannot access the file because it is being used by another process. (0x20)",
     "platform", "hns_conflict", NONE, NONE, NONE, NONE),
    ("failed during hnsCallRawResponse: hnsCall failed in Win32: Der Prozess kann nicht auf die Datei zugreifen, da sie "
     "von einem anderen Prozess verwendet wird. (0x20)", "platform", "hns_conflict", NONE, NONE, NONE, NONE),
    ("failed during hnsCallRawResponse: hnsCall failed in Win32: The specified port already exists. (0x803b0013)",
     "platform", "hns_conflict", NONE, NONE, NONE, NONE),
    ("HNS failed with error : The object already exists.", "platform", "hns_conflict", NONE, NONE, NONE, NONE),
    ("HNS failed with error : The specified port already exists.", "platform", "hns_conflict", NONE, NONE, NONE, NONE),
    # The firewall
    (f"{NEW}Unable to enable DNAT rule:  {DNAT} 172.18.0.3:80 ! -i docker0: iptables: No chain/target/match by that "
     "name.\n (exit status 1))", "firewall", "iptables_chain_missing", ALL, 8092, "tcp", "shop"),
    (f"{OLD} {DNAT} 172.18.0.3:80 ! -i docker0: iptables: No chain/target/match by that name.\n (exit status 1)).",
     "firewall", "iptables_chain_missing", ALL, 8092, "tcp", "shop"),
    (f"{NEW}Unable to enable MASQUERADE rule:  (iptables failed: iptables --wait -t filter -A DOCKER ! -i docker0 -o "
     "docker0 -p tcp -d 172.17.0.2 --dport 80 -j ACCEPT: iptables: No chain/target/match by that name.",
     "firewall", "iptables_chain_missing", NONE, NONE, NONE, "shop"),
    ("Failed to Setup IP tables: Unable to enable SKIP DNAT rule:  (iptables failed: iptables --wait -t filter -A "
     "DOCKER-FORWARD -j DOCKER-CT: iptables v1.8.9 (nf_tables): Chain 'DOCKER-CT' does not exist",
     "firewall", "iptables_chain_missing", NONE, NONE, NONE, NONE),
    ("failed to create NAT chain DOCKER: iptables failed: iptables -t nat -N DOCKER: iptables v1.8.7 (legacy): can't "
     "initialize iptables table `nat': Table does not exist", "firewall", "iptables_backend", NONE, NONE, NONE, NONE),
    (f"{NEW}Unable to enable DIRECT ACCESS FILTERING - DROP rule:  (iptables failed: iptables --wait -t raw -A "
     "PREROUTING -p tcp -d 172.17.0.2 --dport 80 ! -i docker0 -j DROP: iptables v1.8.9 (nf_tables):  RULE_APPEND failed "
     "(No such file or directory): rule in chain PREROUTING",
     "firewall", "iptables_backend", NONE, NONE, NONE, "shop"),
    ("Extension addrtype revision 0 not supported, missing kernel module?",
     "firewall", "iptables_backend", NONE, NONE, NONE, NONE),
    # Swarm
    ("Error response from daemon: rpc error: code = InvalidArgument desc = port '8080' is already in use by service "
     "'web' (q1w2e3) as an ingress port", "config", "swarm_port_in_use", NONE, 8080, NONE, NONE),
    ("port '8080' is already in use by service 'web' (q1w2e3) as a host-published port",
     "config", "swarm_port_in_use", NONE, 8080, NONE, NONE),
    ('"no suitable node (host-mode port already in use on 3 nodes)"',
     "config", "host_mode_port_no_node", NONE, NONE, NONE, NONE),
    ("failed to create proxy for port 8080: listen tcp :8080: bind: address already in use",
     "socket", "address_in_use", NONE, 8080, "tcp", NONE),
    ('"starting container failed: driver failed programming external connectivity on endpoint '
     f'web.1.abc ({ID}): Bind for 0.0.0.0:80 failed: port is already allocated"',
     "allocator", "port_allocated", ALL, 80, NONE, "web.1.abc"),
    ("Failed to reserve existing port mapping for endpoint 1a2b3c4:Bind for 0.0.0.0:80 failed: port is already allocated",
     "allocator", "port_allocated", ALL, 80, NONE, NONE),
    # Mappings that are none
    ("host port must not be specified in mapping [8080:172.17.0.2:80/tcp] because NAT is disabled",
     "config", "invalid_port_spec", NONE, NONE, NONE, NONE),
    ("NAT is disabled, omit host address in port mapping 1.2.3.4::80/tcp, or use [::]::80/tcp",
     "config", "invalid_port_spec", NONE, NONE, NONE, NONE),
    ("invalid containerPort: 99999", "input", "invalid_port_spec", NONE, NONE, NONE, NONE),
    ("Invalid containerPort: 99999", "input", "invalid_port_spec", NONE, NONE, NONE, NONE),
    ('docker: invalid hostPort: ${PORT}.', "input", "invalid_port_spec", NONE, NONE, NONE, NONE),
    ("invalid proto: x", "input", "invalid_port_spec", NONE, NONE, NONE, NONE),
    ("no port specified: 8080:<empty>", "input", "invalid_port_spec", NONE, NONE, NONE, NONE),
    ("invalid IP address: localhost", "input", "invalid_port_spec", NONE, NONE, NONE, NONE),
    ("invalid ranges specified for container and host Ports: 80-81 and 8080-8089",
     "input", "invalid_port_spec", NONE, NONE, NONE, NONE),
    ("invalid port range: 90-80", "input", "invalid_port_spec", NONE, NONE, NONE, NONE),
    ('Invalid port "1:2:3:4:5", should be [[remote_ip:]remote_port[-remote_port]:]port[/protocol]',
     "input", "invalid_port_spec", NONE, NONE, NONE, NONE),
    ("Bind addresses for published ports must be IPv4 or IPv6 addresses, not hostnames. Use the dig lookup to resolve "
     "hostnames. (Found hostname: localhost)", "input", "invalid_port_spec", NONE, NONE, NONE, NONE),
    ("docker: Error response from daemon: conflicting options: port publishing and the container type network mode.",
     "input", "invalid_port_spec", NONE, NONE, NONE, NONE),
    # What is no refusal of a port
    ("service shop declares mutually exclusive `network_mode` and `networks`: invalid compose project",
     "input", "not_a_port_problem", NONE, NONE, NONE, NONE),
    (f'docker: Error response from daemon: Conflict. The container name "/shop" is already in use by container "{ID}". '
     "You have to remove (or rename) that container to be able to reuse that name.",
     "config", "not_a_port_problem", NONE, NONE, NONE, NONE),
    ("Error response from daemon: endpoint with name shop already exists in network bridge",
     "config", "not_a_port_problem", NONE, NONE, NONE, NONE),
    ("Error response from daemon: could not find an available, non-overlapping IPv4 address pool among the defaults to "
     "assign to the network", "config", "not_a_port_problem", NONE, NONE, NONE, NONE),
    ("Error response from daemon: all predefined address pools have been fully subnetted",
     "config", "not_a_port_problem", NONE, NONE, NONE, NONE),
    ("Error response from daemon: Pool overlaps with other one on this address space",
     "config", "not_a_port_problem", NONE, NONE, NONE, NONE),
    ("docker: Error response from daemon: Address already in use.",
     "config", "not_a_port_problem", NONE, NONE, NONE, NONE),
    ("docker: Error response from daemon: failed to set up container networking: Address already in use",
     "config", "not_a_port_problem", NONE, NONE, NONE, NONE),
    ("failed to allocate gateway (172.20.0.1): Address already in use",
     "config", "not_a_port_problem", NONE, NONE, NONE, NONE),
    ("Error response from daemon: pull access denied for shop, repository does not exist or may require 'docker login'",
     "other", "not_a_port_problem", NONE, NONE, NONE, NONE),
    ("Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
     "other", "not_a_port_problem", NONE, NONE, NONE, NONE),
    ("permission denied while trying to connect to the Docker daemon socket: dial unix /var/run/docker.sock: connect: "
     "permission denied", "other", "not_a_port_problem", NONE, NONE, NONE, NONE),
    ("Error: listen EADDRINUSE: address already in use :::3000\n    at Server.setupListenHandle [as _listen2]",
     "other", "not_a_port_problem", "::", 3000, NONE, NONE),
    ("nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)",
     "other", "not_a_port_problem", ALL, 80, NONE, NONE),
    ("(98)Address already in use: AH00072: make_sock: could not bind to address [::]:80",
     "other", "not_a_port_problem", "::", 80, NONE, NONE),
    ("OSError: [Errno 98] Address already in use", "other", "not_a_port_problem", NONE, NONE, NONE, NONE),
    ("2026/01/01 listen tcp :8080: bind: address already in use",
     "other", "not_a_port_problem", NONE, 8080, "tcp", NONE),
    ("java.net.BindException: Address already in use", "other", "not_a_port_problem", NONE, NONE, NONE, NONE),
    ("", "other", "not_a_port_problem", NONE, NONE, NONE, NONE),
    ("all is well", "other", "not_a_port_problem", NONE, NONE, NONE, NONE),
]  # fmt: skip


@pytest.mark.parametrize("text, layer, refusal, address, port, protocol, container", CASES)
def test_explain(text, layer, refusal, address, port, protocol, container):
    symptom = explain(text)

    said = (symptom.layer, symptom.refusal, symptom.address, symptom.port, symptom.protocol, symptom.container)
    assert said == (layer, refusal, address, port, protocol and protocol.lower(), container)
    assert layer in LAYERS and refusal in REFUSALS and symptom.summary
    assert bool(symptom.causes and symptom.next) or refusal in (
        "not_a_port_problem",
        "proxy_failed",
        "invalid_port_spec",
    )


INNER = "Bind for 0.0.0.0:8080 failed: port is already allocated"
USED = "Error starting userland proxy: listen tcp4 0.0.0.0:8443: bind: address already in use"
ENVELOPES = [
    # how it is wrapped, container
    (f"docker: Error response from daemon: {OLD}%s.\nSee 'docker run --help'.", "shop"),
    (f"Error response from daemon: {OLD}%s\nError: failed to start containers: shop", "shop"),
    ("driver failed programming external connectivity on endpoint shop (3f9a3f9a3f...): %s", "shop"),  # as people quote it
    ("Error response from daemon: %s\nError: failed to start containers: shop-1", "shop-1"),
    ("Creating cmp_api_1 ... \nHost is already in use by another container\nCreating cmp_api_1 ... error\n\n"
     "ERROR: for cmp_api_1  Cannot start service api: %s\n\nERROR: for api  Cannot start service api: %s", "cmp_api_1"),
    ("ERROR: for api  Cannot start service api: b'%s'", None),
    (" Container cmp-web-1  Started\n \x1b[31m✘\x1b[0m Container cmp-api-1  Error response from daemon: %s", "cmp-api-1"),
    ("(HTTP code 500) server error - %s", None),
    (f"Error starting container {ID}: 500 Server Error for http+docker://localhost/v1.41/containers/{ID}/start: "
     'Internal Server Error ("%s")', ID),
    (f'Error starting container {ID}: 500 Server Error ("{OLD}%s")', "shop"),
    ("Error when processing service api: Error response from daemon: %s", "api"),
    ('Nov 21 01:29:22 host dockerd[812]: time="2026-11-21T01:29:22Z" level=error msg="Handler for POST /v1.51/containers/'
     f'{ID}/start returned error: {OLD}%s"', "shop"),
    ('{\\"message\\":\\"failed to set up container networking: %s\\"}\\n', None),
    ("starting container failed: %s", None),
    ("\x1b[1;31mfailed\x1b[0m:\r\n  %s\r\n", None),
]  # fmt: skip


@pytest.mark.parametrize("inner, refusal, port", [(INNER, "port_allocated", 8080), (USED, "address_in_use", 8443)])
@pytest.mark.parametrize("envelope, container", ENVELOPES)
def test_the_envelope_does_not_matter(envelope, container, inner, refusal, port):
    symptom = explain(envelope.replace("%s", inner))

    assert (symptom.refusal, symptom.address, symptom.port, symptom.container) == (refusal, ALL, port, container)


@pytest.mark.parametrize("text", [
    "Ports are not available: exposing port TCP 0.0.0.0:80 -\\u003e 0.0.0.0:0: listen tcp 0.0.0.0:80: bind: address "
    "already in use",
    "Ports are not available: exposing port TCP 0.0.0.0:80 -&gt; 0.0.0.0:0: listen tcp\n  0.0.0.0:80: bind: address "
    "already\n  in use",
])  # fmt: skip
def test_escapes_and_wrapped_lines_do_not_matter(text):
    assert (explain(text).refusal, explain(text).port) == ("address_in_use", 80)


@pytest.mark.parametrize("text, layer, refusal, address, port, protocol, container", CASES)
def test_json_of_plain_letters_says_the_same(text, layer, refusal, address, port, protocol, container):
    assert explain(json.dumps({"message": f"\x1b[31m{text}\x1b[0m \U0001f433"})) == explain(text)


SAID_BY = [
    (f"{OLD}{INNER}", "Engine up to 28.0.0"),
    (f"{NEW}{INNER}", "Engine 28.0.1 and newer"),
    (INNER, "every engine"),
    (f"{OLD}{USED}", "Engine up to 26"),
    (f"{OLD}listen tcp4 0.0.0.0:80: bind: address already in use", "Engine up to 26 without userland-proxy"),
    (f"{OLD}failed to bind port 0.0.0.0:80/tcp: {USED}", "Engine 27"),
    (f"{NEW}failed to bind host port for 0.0.0.0:80:172.17.0.2:80/tcp: address already in use", "Engine 28"),
    (f"{NEW}failed to bind host port 0.0.0.0:80/tcp: address already in use", "Engine 29 and newer"),
]


@pytest.mark.parametrize("text, said_by", SAID_BY)
def test_the_words_tell_the_engine(text, said_by):
    assert explain(text).said_by == said_by


def test_what_is_already_allocated_is_never_held_by_a_process():
    assert not {"process", "unit", "socket_unit", "client_socket"} & {c.cause for c in explain(INNER).causes}


def test_a_loopback_address_in_the_table_may_be_a_rootless_engine_s_collapse():
    assert "rootless_port_driver" in [c.cause for c in explain(INNER.replace(ALL, "127.0.0.1")).causes]
    assert "rootless_port_driver" not in [c.cause for c in explain(INNER).causes]


def test_a_high_port_is_not_refused_for_its_number():
    low, high = (explain(f"{NEW}failed to bind host port 0.0.0.0:{port}/tcp: permission denied") for port in (80, 8080))

    assert [c.cause for c in low.causes] == ["privileged_port"]
    assert high.causes == () and "security module" in high.summary


def test_the_next_step_names_the_port():
    assert explain(f"{NEW}failed to bind host port [::]:8003/tcp: address already in use").next == (
        "dockmaster.ports.port_check with publish: ['[::]:8003/tcp']",
        "ss -Htulnp 'sport = :8003'  # as root: who listens",
        "ss -Htanp 'sport = :8003'  # connections that have the port as their own end",
    )
    assert explain(f"{NEW}failed to listen on TCP socket: address already in use").next == (
        "dockmaster.ports.port_check with what the container publishes",
        "docker inspect --format '{{json .HostConfig.PortBindings}}' CONTAINER  # the text names no port",
    )


def test_of_several_failures_the_first_is_explained():
    assert explain(f"a: {USED}\nb: {INNER}").port == 8443
    assert explain(f"Unable to find image 'shop:1' locally\npull access denied\n{INNER}").port == 8080


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.name[: -len(".error.txt")])
def test_recordings_say_of_the_output_what_they_say_of_the_container(path):
    """The command's output and the container's State.Error are wrapped differently and mean the same."""
    text = path.read_text(encoding="utf-8", errors="surrogateescape")
    asked = re.search(
        r"^\$ docker run .*--name (\S+) -p (?:[0-9.]+:|\[[0-9a-f:]+\]:)?([0-9]+)(?:-([0-9]+))?:", text, re.MULTILINE
    )
    name, first, last = asked.groups() if asked else ("", 0, 0)
    failure = re.search(rf"^inspect /{name}: .*? Error=\"(.+)\" Ports", text, re.MULTILINE)
    if not failure or not re.search(r"^rc=125$", text, re.MULTILINE):
        return
    of_output, of_state = explain(text.partition("\nrc=125")[0]), explain(failure[1])

    assert of_output == of_state
    if of_output.refusal != "not_a_port_problem":
        assert int(first) <= of_output.port <= int(last or first)
        assert of_output.container == name


def test_recordings_are_there():
    assert len(RECORDINGS) > 200


@pytest.mark.parametrize("row", [*ROWS, *OTHERS], ids=lambda row: row.text[:40])
def test_every_row_has_a_case(row):
    texts = [case[0] for case in CASES] + [envelope.replace("%s", INNER) for envelope, _c in ENVELOPES] + [INNER]
    texts += ["Host is already in use by another container", "IPv6 global forwarding is disabled: check"]
    texts += ["WARNING: Published ports are discarded when using host network mode", "network labnet6 not found"]
    texts += ["invalid mount config for type", "OCI runtime create failed: x", "An attempt was made to access a socket in "
              "a way forbidden", "iptables: No chain/target/match by that name.", "Windows does not support host IP "
              "addresses in NAT settings"]  # fmt: skip

    assert any(row.pattern.search(" ".join(text.split())) for text in texts)


@pytest.mark.parametrize("thing", [None, 1, b"port is already allocated", ["x"], {"msg": "x"}])
def test_refuses_what_is_no_text(thing):
    with pytest.raises(SymptomError, match=r"is not the text of an error$"):
        explain(thing)


PIECES = [case[0][start : start + 40] for case in CASES for start in range(0, len(case[0]), 40)]


@given(st.one_of(st.text(), st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5))).map("".join)))
def test_whatever_text_comes_is_explained(text):
    symptom = explain(text)

    assert symptom.layer in LAYERS and symptom.refusal in REFUSALS
    assert symptom.port is None or 1 <= symptom.port <= 65535
    symptom.summary.encode()


@pytest.mark.parametrize("piece", ["listen tcp4 ", "failed to bind host port for ", "0.0.0.0:", ":", "iptables failed: ",
                                   "Ports are not available: ", "Address already in use ", "a", "\\", "\x1b["])  # fmt: skip
def test_long_texts_are_no_burden(piece):
    start = time.process_time()

    explain(piece * (300_000 // len(piece)))

    assert time.process_time() - start < 20
