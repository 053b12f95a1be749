# SPDX-License-Identifier: GPL-3.0-or-later
"""Two bindings meet exactly where this machine's kernel refuses the second one."""

from __future__ import annotations

import errno
import itertools
import socket
import sys

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import ANY, Binding

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="engines bind on Linux")

TCP, UDP = socket.SOCK_STREAM, socket.SOCK_DGRAM
KINDS = {"tcp": TCP, "udp": UDP}
ADDRESSES = ["*", "0.0.0.0", "127.0.0.1", "127.0.0.2", "::", "::1"]
MAPPED = "::ffff:127.0.0.1"  # how an IPv6 program says 127.0.0.1


def opened(ip, protocol, port=0, reuse=(), listen=True):
    """A socket as a program would open it for that address; * is one that takes both families."""
    family = socket.AF_INET6 if ":" in ip or ip == ANY else socket.AF_INET
    sock = socket.socket(family, KINDS[protocol])
    try:
        for option in reuse:
            sock.setsockopt(socket.SOL_SOCKET, option, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, ip not in (ANY, MAPPED))
        sock.bind(("::" if ip == ANY else ip, port))
        if protocol == "tcp" and listen:
            sock.listen(1)
    except OSError:
        sock.close()
        raise
    return sock


def refuses(one, other, protocol, holder=(), engine=(), listen=True):
    """Whether the second of two sockets is refused, on a port that nobody else has."""
    for _try in range(20):
        with opened(ANY, protocol) as sock:
            port = sock.getsockname()[1]
        try:
            with opened(one, protocol, port, holder, listen):
                try:
                    opened(other, protocol, port, engine).close()
                except OSError as exc:
                    assert exc.errno == errno.EADDRINUSE
                    return True
                return False
        except OSError as exc:  # another program was faster
            assert exc.errno == errno.EADDRINUSE
    raise AssertionError("no port stays free")


def meet(one, other, protocol):
    plain = {MAPPED: "127.0.0.1"}
    one, other = (Binding(plain.get(ip, ip), protocol, 80, 80) for ip in (one, other))
    return one.meet(other) is not None


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
@pytest.mark.parametrize("one, other", list(itertools.product([*ADDRESSES, MAPPED], repeat=2)))
def test_meet_is_where_the_kernel_refuses(one, other, protocol):
    assert refuses(one, other, protocol) == meet(one, other, protocol)


REUSE, SHARE = socket.SO_REUSEADDR, socket.SO_REUSEPORT


@pytest.mark.parametrize("holder", [(), (REUSE,), (SHARE,), (REUSE, SHARE)], ids=str)
@pytest.mark.parametrize("one, other", list(itertools.product(ADDRESSES, ADDRESSES)))
def test_no_option_of_a_listener_lets_an_engine_in(one, other, holder):
    """Engines set SO_REUSEADDR on TCP sockets; a listener refuses them whatever it set itself."""
    assert refuses(one, other, "tcp", holder, (REUSE,)) == meet(one, other, "tcp")


@pytest.mark.parametrize("holder", [(), (REUSE,), (SHARE,)], ids=str)
@pytest.mark.parametrize("one, other", list(itertools.product(ADDRESSES, ADDRESSES)))
def test_no_option_of_a_udp_socket_lets_an_engine_in_but_28(one, other, holder):
    assert refuses(one, other, "udp", holder, ()) == meet(one, other, "udp")


@pytest.mark.parametrize("one, other", list(itertools.product(ADDRESSES, ADDRESSES)))
def test_engine_28_shares_udp_with_those_who_share_too(one, other):
    assert refuses(one, other, "udp", (), (REUSE,)) == meet(one, other, "udp")
    assert not refuses(one, other, "udp", (REUSE,), (REUSE,))


@pytest.mark.parametrize("holder", [(), (REUSE,)], ids=str)
@pytest.mark.parametrize("one, other", list(itertools.product(ADDRESSES, ADDRESSES)))
def test_a_socket_that_does_not_listen_refuses_those_who_do_not_share(one, other, holder):
    """One that shares lets the engine bind and listen; it cannot listen itself from then on."""
    expected = meet(one, other, "tcp") and not holder

    assert refuses(one, other, "tcp", holder, (REUSE,), listen=False) == expected


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_tcp_and_udp_live_side_by_side(protocol):
    other = "udp" if protocol == "tcp" else "tcp"
    with opened("0.0.0.0", protocol) as sock:
        opened("0.0.0.0", other, sock.getsockname()[1]).close()

    assert Binding("0.0.0.0", protocol, 80, 80).meet(Binding("0.0.0.0", other, 80, 80)) is None
