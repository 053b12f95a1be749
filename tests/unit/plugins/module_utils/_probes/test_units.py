# SPDX-License-Identifier: GPL-3.0-or-later
"""Section `units`, from what real systemd printed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Kernel
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.units import SocketUnit
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import units
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost

# systemd 252 (Debian 12), with units made for the purpose
SYSTEMD_252 = r"""
BindIPv6Only=default
Listen=/run/docker.sock (Stream)
SocketProtocol=0
Id=docker.socket
Triggers=docker.service
ActiveState=active
UnitFileState=enabled

BindIPv6Only=default
Listen=[::]:8080 (Stream)
SocketProtocol=0
Id=t1.socket
Triggers=t1.service
ActiveState=active
UnitFileState=enabled

BindIPv6Only=ipv6-only
Listen=0.0.0.0:8081 (Stream)
Listen=[::]:8081 (Stream)
SocketProtocol=0
Id=t2.socket
Triggers=t2.service
ActiveState=inactive
UnitFileState=enabled-runtime

BindIPv6Only=default
Listen=[::1]:8082 (Stream)
Listen=127.0.0.1:8082 (Datagram)
SocketProtocol=0
Id=t3.socket
Triggers=t3.service
ActiveState=active
UnitFileState=disabled

BindIPv6Only=both
Listen=[::]:8084 (Stream)
SocketProtocol=0
Id=t5.socket
Triggers=t5.service
ActiveState=failed
UnitFileState=enabled

BindIPv6Only=default
Listen=/run/x.sock (SequentialPacket)
Listen=/run/x.fifo (FIFO)
SocketProtocol=0
Id=t6.socket
Triggers=t6.service
ActiveState=active
UnitFileState=disabled

BindIPv6Only=default
Listen=127.0.0.1:8087 (Stream)
SocketProtocol=132
Id=t8.socket
Triggers=t8.service
ActiveState=inactive
UnitFileState=disabled

BindIPv6Only=default
Listen=vsock::8089 (Stream)
SocketProtocol=0
Id=t10.socket
Triggers=t10.service
ActiveState=inactive
UnitFileState=disabled

BindIPv6Only=default
Listen=[::]:8090 (Stream)
SocketProtocol=0
Id=we\x20ird.socket
Triggers="we\\x20ird.service"
ActiveState=active
UnitFileState=disabled

BindIPv6Only=default
Listen=[::]:8092 (Datagram)
SocketProtocol=136
Id=t12.socket
Triggers=t12.service
ActiveState=active
UnitFileState=disabled

BindIPv6Only=default
Listen=[::ffff:127.0.0.1]:8093 (Stream)
SocketProtocol=0
Id=t13.socket
Triggers=t13.service
ActiveState=active
UnitFileState=disabled

BindIPv6Only=default
Listen=audit 1 (Netlink)
SocketProtocol=0
Id=systemd-journald-audit.socket
Triggers=systemd-journald.service
ActiveState=active
UnitFileState=static
"""
# systemd 262 (Debian sid) prints the same properties in another order
SYSTEMD_262 = """\
Id=t4.socket
Triggers=t4.service
ActiveState=inactive
UnitFileState=enabled
BindIPv6Only=default
Listen=[::]:8083 (Datagram)
SocketProtocol=0
"""

PARSED_252 = [
    SocketUnit("t1.socket", "*", "tcp", 8080, True, True, "t1.service"),
    SocketUnit("t2.socket", "0.0.0.0", "tcp", 8081, False, True, "t2.service"),
    SocketUnit("t2.socket", "::", "tcp", 8081, False, True, "t2.service"),
    SocketUnit("t3.socket", "::1", "tcp", 8082, True, False, "t3.service"),
    SocketUnit("t3.socket", "127.0.0.1", "udp", 8082, True, False, "t3.service"),
    SocketUnit("t5.socket", "*", "tcp", 8084, False, True, "t5.service"),
    SocketUnit("t8.socket", "127.0.0.1", "sctp", 8087, False, False, "t8.service"),
    SocketUnit("we\\x20ird.socket", "*", "tcp", 8090, True, False, "we\\x20ird.service"),
    SocketUnit("t13.socket", "127.0.0.1", "tcp", 8093, True, False, "t13.service"),
]


@pytest.mark.parametrize(
    "text, expected",
    [
        (SYSTEMD_252, PARSED_252),
        (SYSTEMD_262, [SocketUnit("t4.socket", "*", "udp", 8083, False, True, "t4.service")]),
        ("", []),
        ("\n\n", []),
        ("Id=x.socket\nListen=\n", []),
        ("Id=x.socket\nListen=[fe80::1%eth0]:8088 (Stream)\n", [SocketUnit("x.socket", "fe80::1", "tcp", 8088)]),
        (
            'Id=x.socket\nListen=1.2.3.4:99 (Stream)\nTriggers="lone\n',
            [SocketUnit("x.socket", "1.2.3.4", "tcp", 99, triggers='"lone')],
        ),
    ],
)
def test_parse_units(text, expected):
    assert list(units.parse_units(text)) == expected


@pytest.mark.parametrize(
    "only, bindv6only, ip",
    [("default", False, "*"), ("default", True, "::"), ("both", True, "*"), ("ipv6-only", False, "::")],
)
def test_whether_an_ipv6_socket_takes_ipv4_too(only, bindv6only, ip):
    text = f"Id=x.socket\nBindIPv6Only={only}\nListen=[::]:80 (Stream)\n"

    assert [unit.ip for unit in units.parse_units(text, bindv6only)] == [ip]


names = st.text(st.sampled_from("abcz09-_@.:\\"), min_size=1, max_size=12)
addresses = st.one_of(
    st.ip_addresses(v=4).map(str), st.ip_addresses(v=6).filter(lambda ip: not ip.ipv4_mapped and int(ip)).map(str)
)
told = st.tuples(names, addresses, st.integers(1, 65535), st.sampled_from(["Stream", "Datagram"]), st.booleans())


@given(st.lists(told, max_size=5))
def test_what_systemd_prints_comes_back_exactly(printed):
    blocks = [
        f"Id={name}.socket\nListen={f'[{ip}]' if ':' in ip else ip}:{port} ({kind})\nListen=/run/x (Stream)\n"
        f"ActiveState={'active' if active else 'inactive'}\nSocketProtocol=0\n"
        for name, ip, port, kind, active in printed
    ]

    assert list(units.parse_units("\n".join(blocks))) == [
        SocketUnit(f"{name}.socket", ip, "tcp" if kind == "Stream" else "udp", port, active)
        for name, ip, port, kind, active in printed
    ]


def host(rc=0, out="", err="", systemd=True):
    command = " ".join(units.COMMAND)
    return ReplayHost({"names": {"/run/systemd/system": []} if systemd else {}, "run": {command: (rc, out, err)}})


def test_inactive_units_are_asked_for_too():
    """Without --all a pattern leaves them out, and an enabled one takes its ports at the next boot."""
    assert units.COMMAND[:3] == ("systemctl", "show", "--all")


def test_records_are_in_the_order_of_their_ports():
    seen = units.probe(host(out=SYSTEMD_252), Request(("units",)), Evidence(), [])

    assert [unit.port for unit in seen["units"]] == [8087, 8080, 8081, 8081, 8082, 8084, 8090, 8093, 8082]


def test_the_kernels_default_counts():
    evidence = Evidence(kernel=Kernel(bindv6only=True))

    seen = units.probe(host(out=SYSTEMD_262), Request(("units",)), evidence, [])

    assert [unit.ip for unit in seen["units"]] == ["::"]


def test_without_systemd_there_are_no_units():
    assert units.probe(host(systemd=False), Request(("units",)), Evidence(), []) == {"units": ()}


@pytest.mark.parametrize(
    "rc, err, why",
    [
        (
            1,
            "Failed to connect to bus: No such file or directory\n",
            "systemctl: Failed to connect to bus: No such file or directory",
        ),
        (1, "", "systemctl: exit status 1"),
        (1, "bad \udcff", "systemctl: bad \\xff"),
    ],
)
def test_a_systemctl_that_fails_is_blind(rc, err, why):
    with pytest.raises(Unseen) as caught:
        units.probe(host(rc=rc, err=err), Request(("units",)), Evidence(), [])

    assert caught.value.why == why


def test_a_systemctl_that_is_missing_is_blind():
    with pytest.raises(Unseen):
        units.probe(ReplayHost({"names": {"/run/systemd/system": []}}), Request(("units",)), Evidence(), [])
