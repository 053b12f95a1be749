# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel refuses to an engine is what the evidence shows as claimed: for any set of sockets, port by port."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._collect import collect
from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import Binding
from ansible_collections.dockmaster.ports.plugins.module_utils._core.claims import Hold, claims_of
from ansible_collections.dockmaster.ports.plugins.module_utils._live_host import LiveHost
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import sockets
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or sockets.kernel_version(os.uname().release) < (6, 8),
    reason="only Linux 6.8 and later tells of every socket that refuses",
)

ASKED = ("0.0.0.0", "127.0.0.1", "127.0.0.2", "::", "::1")
holders = st.tuples(
    st.sampled_from(["0.0.0.0", "127.0.0.1", "127.0.0.2", "::", "::1", "::ffff:127.0.0.1"]),
    st.sampled_from(["tcp", "udp"]),
    st.booleans(),  # v6only
    st.booleans(),  # listens (TCP) or is connected (UDP)
    st.integers(0, 2),  # which of some ports
)


def open_holder(ports, ip, protocol, v6only, busy, which):
    """A socket as drawn; None where the address is taken by one that was drawn before."""
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM)
    try:
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, v6only and "." not in ip)
        sock.bind((ip, ports[which]))
        if protocol == "tcp" and busy:
            sock.listen(1)
        elif busy and family == socket.AF_INET:
            sock.connect(("127.0.0.1", 9))
    except OSError as exc:
        sock.close()
        assert exc.errno == errno.EADDRINUSE
        return None
    return sock


@contextlib.contextmanager
def free_ports(count):
    """Ports that no program has on any address; freed when the block begins to use them."""
    with contextlib.ExitStack() as stack:
        socks = [stack.enter_context(socket.socket(socket.AF_INET6)) for _turn in range(count)]
        for sock in socks:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            sock.bind(("::", 0))
        ports = [sock.getsockname()[1] for sock in socks]
    yield ports


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(st.lists(holders, max_size=6))
def test_free_is_where_the_engines_bind_succeeds(drawn):
    wants = []
    with contextlib.ExitStack() as stack, free_ports(3) as ports:
        for one in drawn:
            sock = open_holder(ports, *one)
            if sock:
                stack.enter_context(sock)
        wants = [Binding(ip, protocol, port, port) for port in ports for protocol in ("tcp", "udp") for ip in ASKED]
        focus = tuple((port, port) for port in ports)
        evidence = collect(
            LiveHost(), Request(("kernel", "sockets", "clients", "binds"), focus=focus, wants=tuple(wants))
        )

    claims = [claim.binding for claim in claims_of(evidence) if claim.hold is Hold.BOUND]
    refused = {Binding(b.ip, b.protocol, b.port, b.port) for b in evidence.binds if b.error}
    claimed = {want for want in wants if any(want.meet(binding) for binding in claims)}
    assert {str(one) for one in refused} == {str(one) for one in claimed}
