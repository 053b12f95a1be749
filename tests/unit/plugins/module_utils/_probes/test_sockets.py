# SPDX-License-Identifier: GPL-3.0-or-later
"""Section `sockets`, from recordings."""

from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import inet_diag, rtnetlink, sockets
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.netlink_words import V4, V6, diag
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.proc_words import (
    BOOT,
    Process,
    proc,
)
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.test_proc_net import (
    HEAD,
    SCTP,
    TCP,
    TCP6,
)
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.test_rtnetlink import link

REQUEST = Request(sections=("sockets",))
INIT = Process(1, "systemd", 0, sockets=(1,))
BIND = "port_check tries the port itself (bind_probe: true)"
RELEASE = "/proc/sys/kernel/osrelease"


def told(listen=(), bound=(), udp4=(), udp6=(), links=()):
    """What netlink answers to each question of the probe."""
    answers = {
        (4, inet_diag.tcp(inet_diag.LISTEN)): listen,
        (4, inet_diag.tcp(inet_diag.BOUND)): bound,
        (4, inet_diag.udp(V4)): udp4,
        (4, inet_diag.udp(V6)): udp6,
        (0, rtnetlink.LINKS): links,
    }
    return {f"{protocol}:{asked.hex()}": [b"".join(answer).hex()] for (protocol, asked), answer in answers.items()}


def host(*processes, netlink=None, release="6.8.0-45-generic", net=("tcp", "udp"), **read):
    files = {f"/proc/net/{name.replace('__', '/')}": text for name, text in read.items()}
    recording = {"netlink": told() if netlink is None else netlink, "names": {"/proc/net": list(net)}, "read": files}
    files[RELEASE] = release + "\n"
    return proc(*(processes or (INIT,)), more=recording)


def gather(a_host, request=REQUEST):
    blind = []
    return sockets.probe(a_host, request, Evidence(), blind)["sockets"], blind


def test_a_record_has_everything_that_was_told():
    nginx = Process(
        812, "nginx", ticks=4200, cgroup="/system.slice/nginx.service", sockets=(70, 71), arguments="nginx\0-g\0"
    )
    netlink = told(
        listen=[diag(V6, "::", 443, uid=33, inode=70, v6only=False)],
        udp4=[diag(V4, "127.0.0.53", 53, state=7, inode=71, interface=1)],
        links=[link(1, "lo"), link(2, "eth0")],
    )

    found, blind = gather(host(INIT, nginx, netlink=netlink), Request(sections=("sockets",), command_lines=True))

    owner = {
        "pid": 812,
        "started": BOOT + 42.0,
        "command": "nginx",
        "command_line": "nginx -g",
        "unit": "nginx.service",
    }
    assert found == (
        Socket("::", "tcp", 443, "listen", v6only=False, uid=33, inode=70, **owner),
        Socket("127.0.0.53", "udp", 53, "bound", uid=0, inode=71, interface="lo", **owner),
    )
    assert blind == []


def test_every_kind_of_socket_that_keeps_a_port_is_there_in_order():
    netlink = told(
        listen=[diag(V4, "0.0.0.0", 81, inode=1), diag(V4, "0.0.0.0", 80, inode=1)],
        bound=[diag(V4, "127.0.0.1", 82, state=7, inode=1)],
        udp4=[diag(V4, "0.0.0.0", 68, state=7, inode=1), diag(V4, "10.0.0.5", 69, 1, "10.0.0.9", 514, inode=1)],
        udp6=[
            diag(V6, "fe80::1", 546, state=7, inode=1, v6only=True),
            diag(V6, "fd00::5", 547, 1, "fd00::9", 53, inode=1),
        ],
    )

    found, _blind = gather(host(netlink=netlink))

    assert [(s.protocol, s.port, s.state, s.peer) for s in found] == [
        ("tcp", 80, "listen", ""),
        ("tcp", 81, "listen", ""),
        ("tcp", 82, "bound", ""),
        ("udp", 68, "bound", ""),
        ("udp", 69, "established", "10.0.0.9:514"),
        ("udp", 546, "bound", ""),
        ("udp", 547, "established", "[fd00::9]:53"),
    ]


def test_a_socket_that_is_told_twice_is_one():
    twice = [diag(V4, "0.0.0.0", 80, inode=1)] * 2

    assert len(gather(host(netlink=told(listen=twice)))[0]) == 1


def test_an_interface_without_a_name_keeps_its_number():
    netlink = told(listen=[diag(V4, "0.0.0.0", 80, inode=1, interface=7)])

    assert [s.interface for s in gather(host(netlink=netlink))[0]] == ["7"]


NOT_TOLD = [
    # release              bound sockets                                 why the part is blind
    ("6.1.0-26-amd64", [], "Linux 6.1.0-26-amd64 does not tell of them (6.8 and later do)"),
    ("5.14.0-503.el9.x86_64", [], "Linux 5.14.0-503.el9.x86_64 does not tell of them (6.8 and later do)"),
    ("5.14.0-503.el9.x86_64", [diag(V4, "0.0.0.0", 80, state=7, inode=1)], None),  # it does after all
    ("6.8.0-45-generic", [], None),
    ("6.18.44", [], None),
    ("10.2", [], None),
    ("", [], "Linux of unknown release does not tell of them (6.8 and later do)"),
]  # fmt: skip


@pytest.mark.parametrize("release, bound, why", NOT_TOLD)
def test_kernels_that_do_not_tell_of_bound_sockets(release, bound, why):
    _found, blind = gather(host(netlink=told(bound=bound), release=release))

    part = "TCP sockets that are bound and do not listen"
    assert blind == ([Blind("sockets", why, BIND, part=part, hides=True, protocol="tcp")] if why else [])


def test_where_netlink_is_refused_proc_net_serves():
    udp = HEAD + "  9: 0100007F:0044 00000000:0000 07 0:0 00:0 0 0 0 1 2 0 0\n"
    udp6 = HEAD + " 10: 00000000000000000000000000000000:0222 0:0000 07 0:0 00:0 0 0 0 1 2 0 0\n".replace(
        " 0:0000", f" {'0' * 32}:0000"
    )
    tables = {"tcp": TCP, "tcp6": TCP6, "udp": udp, "udp6": udp6}

    found, blind = gather(host(netlink={}, net=list(tables), **tables))

    assert [(s.ip, s.protocol, s.port, s.state, s.v6only) for s in found] == [
        ("0.0.0.0", "tcp", 22, "listen", None),
        ("127.0.0.53", "tcp", 53, "listen", None),
        ("::", "tcp", 8080, "listen", None),
        ("127.0.0.1", "tcp", 8093, "listen", None),
        ("127.0.0.1", "udp", 68, "bound", None),
        ("::", "udp", 546, "bound", None),
    ]
    asked = f"4:{inet_diag.tcp(inet_diag.BOUND).hex()}"
    why = f"{asked} is not in the recording, and /proc/net does not tell of them"
    part = "TCP sockets that are bound and do not listen"
    assert blind == [Blind("sockets", why, BIND, part=part, protocol="tcp")]


def test_a_kernel_without_ipv6_has_half_of_the_tables():
    found, _blind = gather(host(netlink={}, tcp=TCP, udp=HEAD))

    assert [s.port for s in found] == [22, 53]


def test_where_netlink_tells_nonsense_proc_net_serves():
    cut_short = [diag(V4, "0.0.0.0", 80)[:-4]]

    found, blind = gather(host(netlink=told(listen=cut_short, bound=cut_short), tcp=TCP))

    assert [s.port for s in found] == [22, 53]
    why = "the kernel's table of sockets: netlink: a message of 88 bytes at byte 0 of 84"
    assert [one.why for one in blind] == [f"{why}, and /proc/net does not tell of them"]


def test_owners_of_bound_sockets_are_found_though_they_are_told_last():
    app, other = Process(5, "app", sockets=(70,)), Process(6, "other", sockets=(71, 72))
    netlink = told(listen=[diag(V4, "0.0.0.0", 80, inode=70)], bound=[diag(V4, "0.0.0.0", 81, state=7, inode=72)])

    found, blind = gather(host(INIT, app, other, netlink=netlink))

    assert [(s.port, s.state, s.command) for s in found] == [(80, "listen", "app"), (81, "bound", "other")]
    assert blind == []


def test_hidden_owners_of_bound_sockets_are_counted_with_the_others():
    netlink = told(listen=[diag(V4, "0.0.0.0", 80, inode=1)], bound=[diag(V4, "0.0.0.0", 81, state=7, inode=72)])

    _found, blind = gather(host(INIT, Process(5, refuses=True), netlink=netlink))

    assert [one.part for one in blind] == ["owners of 1 socket"]


@pytest.mark.parametrize(
    "net, tables, why",
    [
        ((), {}, "/proc/net/tcp: no such file"),
        (("tcp", "udp"), {}, "/proc/net/tcp is not in the recording"),
        (("tcp", "udp"), {"tcp": "head\nnonsense\n"}, "the kernel's table of sockets: list index out of range"),
    ],
)
def test_nothing_is_seen_where_neither_tells(net, tables, why):
    with pytest.raises(Unseen) as caught:
        gather(host(netlink={}, net=net, **tables))

    assert caught.value.why == why


def test_sctp_is_read_where_the_kernel_has_it():
    found, blind = gather(host(net=["tcp", "sctp"], sctp__eps=SCTP))

    assert [(s.ip, s.protocol, s.port, s.state) for s in found] == [
        ("10.0.0.5", "sctp", 2905, "bound"),
        ("2001:db8::1", "sctp", 2905, "bound"),
        ("0.0.0.0", "sctp", 11111, "listen"),
    ]
    assert [(b.part, b.protocol, b.hides) for b in blind] == [
        ("SCTP sockets that are bound and do not listen", "sctp", True)
    ]


def test_sctp_that_cannot_be_read_is_blind():
    _found, blind = gather(host(net=["tcp", "sctp"]))

    assert blind[-1] == Blind(
        "sockets", "/proc/net/sctp/eps is not in the recording", BIND, part="SCTP sockets", protocol="sctp"
    )


@pytest.mark.parametrize(
    "inodes, part",
    [([70], "owners of 1 socket"), ([70, 71, 1], "owners of 2 sockets"), ([0, 70], "owners of 1 socket")],
)
def test_hidden_owners_are_counted_once(inodes, part):
    netlink = told(listen=[diag(V4, "0.0.0.0", 80 + i, inode=inode) for i, inode in enumerate(inodes)])

    found, blind = gather(host(INIT, Process(5, refuses=True), netlink=netlink))

    why = "a process hides its open files from this user"
    assert blind == [Blind("sockets", why, "gather with become: true", part=part, hides=False)]
    assert [s.pid for s in found if s.inode in (0, 70, 71)] == [None] * len([i for i in inodes if i != 1])


def test_the_kernels_own_socket_has_no_owner_and_hides_nobody():
    found, blind = gather(host(netlink=told(udp4=[diag(V4, "0.0.0.0", 51820, state=7, inode=70)])))

    assert [(s.port, s.pid) for s in found] == [(51820, None)]
    assert blind == []


def test_no_systemd_no_netlink_no_proc():
    with pytest.raises(Unseen):
        sockets.probe(ReplayHost({}), REQUEST, Evidence(), [])


@pytest.mark.parametrize(
    "release, version",
    [("6.18.44-fc-v595", (6, 18)), ("4.4.0-19041-Microsoft", (4, 4)), ("6.8", (6, 8)), ("", ()), ("unknown", ())],
)
def test_kernel_version(release, version):
    assert sockets.kernel_version(release) == version
