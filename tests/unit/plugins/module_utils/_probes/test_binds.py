# SPDX-License-Identifier: GPL-3.0-or-later
"""Section `binds`: which binds are tried, how, and what of their outcome is told."""

from __future__ import annotations

import errno
import socket
import sys

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import Binding
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.binds import Bind
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Engine
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Kernel, Platform
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Tried, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._live_host import LiveHost
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import binds
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost

HERE, THERE = "net:[1]", "net:[2]"
DOCKER = Engine(pid=900, version="26.1.5", endpoint="unix:///var/run/docker.sock")


class BindingHost(ReplayHost):
    """Notes each bind, and answers as the test says; nothing is refused where it says nothing."""

    def __init__(self, answers=None, engine_in=HERE, net=("tcp", "sctp")):
        links = {"/proc/self/ns/net": HERE, "/proc/900/ns/net": engine_in}
        super().__init__({"link": {k: v for k, v in links.items() if v}, "names": {"/proc/net": list(net)}})
        self._answers = answers or {}
        self.tried = []

    def bind(self, ip, protocol, port, reuse_address):
        self.tried.append((ip, protocol, port, reuse_address))
        return self._answers.get((ip, port), Tried("", ""))


def gather(host, *wants, engine=DOCKER, kernel=None, system="Linux", wsl=""):
    blind = []
    evidence = Evidence(engine=(engine,) if engine else (), kernel=kernel, platform=Platform(wsl=wsl))
    request = Request(("binds",), wants=tuple(map(Binding.parse, wants)), system=system)
    return binds.probe(host, request, evidence, blind)["binds"], blind


def test_every_port_of_every_want_is_tried_once():
    host = BindingHost({("0.0.0.0", 8001): Tried("bind", "EADDRINUSE"), ("::", 80): Tried("listen", "EADDRINUSE")})

    found, blind = gather(host, "0.0.0.0:8000-8002/tcp", "[::]:80/tcp", "0.0.0.0:8002/tcp")

    assert found == (
        Bind("0.0.0.0", "tcp", 8000),
        Bind("0.0.0.0", "tcp", 8001, "EADDRINUSE", "bind"),
        Bind("0.0.0.0", "tcp", 8002),
        Bind("::", "tcp", 80, "EADDRINUSE", "listen"),
    )
    assert (len(host.tried), blind) == (4, [])


REUSE = [
    # engine             tcp   udp    sctp
    (None, True, False, False),
    ("20.10.24+dfsg1", True, False, False),
    ("26.1.5", True, False, False),
    ("28.0.0", True, True, False),
    ("28.5.2+dfsg3", True, True, False),
    ("29.7.2", True, False, False),
    ("", True, False, False),
]  # fmt: skip


@pytest.mark.parametrize("version, tcp, udp, sctp", REUSE)
def test_the_address_is_reused_as_the_engine_does(version, tcp, udp, sctp):
    host = BindingHost()

    gather(
        host,
        "0.0.0.0:80/tcp",
        "0.0.0.0:80/udp",
        "0.0.0.0:80/sctp",
        engine=version is not None and Engine(version=version),
    )

    assert [(protocol, reuse) for _ip, protocol, _port, reuse in host.tried] == [
        ("tcp", tcp),
        ("udp", udp),
        ("sctp", sctp),
    ]


def test_an_engine_that_is_stopped_does_not_count():
    host = BindingHost()

    gather(host, "0.0.0.0:80/udp", engine=Engine(version="28.5.2", state="stopped"))

    assert host.tried == [("0.0.0.0", "udp", 80, False)]


def test_a_long_range_is_tried_in_part_and_that_is_said():
    found, blind = gather(BindingHost(), "127.0.0.1:1025-5121/udp")

    assert [found[0].port, found[-1].port, len(found)] == [1025, 5120, 4096]
    assert blind == [Blind("binds", "only the first 4096 ports of a range are tried", part="127.0.0.1:5121/udp")]


def test_a_want_without_a_port_is_not_tried():
    host = BindingHost()
    request = Request(("binds",), wants=(Binding("0.0.0.0", "tcp", 0, 0),))

    assert binds.probe(host, request, Evidence(), []) == {"binds": ()}


def test_on_a_mac_docker_desktop_binds_and_there_is_no_sctp():
    host = BindingHost(net=())
    desktop = Engine(version="28.5.2", operating_system="Docker Desktop")

    _found, blind = gather(host, "0.0.0.0:80/tcp", "0.0.0.0:80/udp", "0.0.0.0:80/sctp", engine=desktop, system="Darwin")

    assert host.tried == [("0.0.0.0", "tcp", 80, True), ("0.0.0.0", "udp", 80, False)]
    assert blind == [Blind("binds", "macOS has no SCTP", part="0.0.0.0:80/sctp", hides=False)]


def test_docker_desktop_does_not_bind_in_a_wsl_distribution():
    host = BindingHost()
    with pytest.raises(Unseen) as caught:
        gather(host, "0.0.0.0:80/tcp", engine=Engine(operating_system="Docker Desktop"), wsl="2")

    assert caught.value.why == "Docker Desktop binds on Windows, and not in this distribution"
    assert host.tried == []


def test_an_engine_of_the_distribution_does():
    assert gather(BindingHost(), "0.0.0.0:80/tcp", wsl="2")[0] == (Bind("0.0.0.0", "tcp", 80),)


IN_ANOTHER = "{} (pid 900) binds in another network namespace (net:[2]) than this one (net:[1])"
PODMAN = Engine(namespace=THERE, name="podman", endpoint="unix:///srv/podman.sock")


@pytest.mark.parametrize(
    "engine, why",
    [
        (DOCKER, IN_ANOTHER.format("docker")),
        (Engine(pid=900, namespace=THERE), IN_ANOTHER.format("docker")),
        (PODMAN, "unix:///srv/podman.sock takes its ports in another network namespace (net:[2])"),
    ],
)
def test_an_engine_in_another_network_namespace_is_not_tried_here(engine, why):
    host = BindingHost(engine_in=THERE)

    with pytest.raises(Unseen) as caught:
        gather(host, "0.0.0.0:80/tcp", engine=engine)

    assert caught.value.why == why
    assert host.tried == []


@pytest.mark.parametrize(
    "engine, engine_in",
    [
        (Engine(pid=900, rootless=True, namespace=THERE), THERE),  # its ports are bound on the host
        (DOCKER, None),  # this user may not see where it lives
        (Engine(pid=900, endpoint="tcp://127.0.0.1:2375"), HERE),
        (None, THERE),
    ],
)
def test_engines_whose_ports_are_bound_here(engine, engine_in):
    found, _blind = gather(BindingHost(engine_in=engine_in), "0.0.0.0:80/tcp", engine=engine)

    assert found == (Bind("0.0.0.0", "tcp", 80),)


def test_an_engine_of_another_host_is_not_tried_here():
    host = BindingHost()

    with pytest.raises(Unseen) as caught:
        gather(host, "0.0.0.0:80/tcp", engine=Engine(endpoint="tcp://192.0.2.1:2375"))

    assert caught.value.why == (
        "tcp://192.0.2.1:2375 takes its ports where it runs, and no dockerd of this host was seen to listen there"
    )
    assert host.tried == []


def low(start):
    why = f"this user may not bind ports below {start}"
    return Blind("binds", why, "gather with become: true", part="0.0.0.0:80/tcp")


LOW = [
    # engine                     start  port  what is told                      blind
    (DOCKER, None, 80, (), [low(1024)]),
    (DOCKER, 81, 80, (), [low(81)]),
    (DOCKER, 80, 80, (Bind("0.0.0.0", "tcp", 80, "EACCES", "bind"),), []),  # some other rule refuses
    (DOCKER, None, 8080, (Bind("0.0.0.0", "tcp", 8080, "EACCES", "bind"),), []),
    (Engine(rootless=True), None, 80, (Bind("0.0.0.0", "tcp", 80, "EACCES", "bind"),), []),
    (None, None, 80, (), [low(1024)]),
]  # fmt: skip


@pytest.mark.parametrize("engine, start, port, told, noted", LOW)
def test_a_low_port_that_is_refused_to_this_user_is_no_verdict(engine, start, port, told, noted):
    host = BindingHost({("0.0.0.0", port): Tried("bind", "EACCES")})

    found, blind = gather(host, f"0.0.0.0:{port}/tcp", engine=engine, kernel=Kernel(unprivileged_start=start))

    assert (found, blind) == (told, noted)


def test_sctp_is_not_tried_where_that_would_load_its_module():
    host = BindingHost(net=["tcp", "udp"])

    found, blind = gather(host, "0.0.0.0:80/sctp", "0.0.0.0:80/tcp")

    assert found == (Bind("0.0.0.0", "tcp", 80),)
    assert blind == [
        Blind("binds", "to try it would load the kernel's SCTP module", part="0.0.0.0:80/sctp", hides=False)
    ]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere 127.0.0.2 is no address of the machine")
def test_this_machine_refuses_a_port_that_is_taken():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        port = taken.getsockname()[1]

        found, _blind = gather(LiveHost(), f"127.0.0.1:{port}/tcp", f"127.0.0.2:{port}/tcp", engine=None)

    assert found == (
        Bind("127.0.0.1", "tcp", port, errno.errorcode[errno.EADDRINUSE], "bind"),
        Bind("127.0.0.2", "tcp", port),
    )
