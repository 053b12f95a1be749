# SPDX-License-Identifier: GPL-3.0-or-later
"""Section `sockets` against this machine's own kernel: sockets that the test opens, and what `ss` says of all of them."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import time

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._live_host import LiveHost
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import socket_tables, sockets
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the probe reads Linux's tables")

COLLECTION = pathlib.Path(__file__).resolve().parents[5]
TELLS_BOUND = sockets.kernel_version(os.uname().release if hasattr(os, "uname") else "") >= (6, 8)
V4, V6 = socket.AF_INET, socket.AF_INET6


@contextlib.contextmanager
def opened(family, ip, kind, *, listen=False, v6only=None, connect=None):
    """A socket on a port that the kernel chooses, on loopback."""
    with socket.socket(family, kind) as sock:
        if v6only is not None:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, v6only)
        sock.bind((ip, 0))
        if listen:
            sock.listen(1)
        if connect:
            sock.connect(connect)
        yield sock


def gather(command_lines=False):
    blind = []
    request = Request(sections=("sockets",), command_lines=command_lines)
    return sockets.probe(LiveHost(), request, Evidence(), blind)["sockets"], blind


def record_of(sock):
    """The record of one socket of this process, found by its inode."""
    inode = os.fstat(sock.fileno()).st_ino
    return next((one for one in gather()[0] if one.inode == inode), None)


OWN = [
    # family, address, kind, options                                          ip            protocol  state         v6only
    ((V4, "127.0.0.1", socket.SOCK_STREAM, {"listen": True}), "127.0.0.1", "tcp", "listen", None),
    ((V4, "0.0.0.0", socket.SOCK_STREAM, {"listen": True}), "0.0.0.0", "tcp", "listen", None),
    ((V6, "::1", socket.SOCK_STREAM, {"listen": True, "v6only": 1}), "::1", "tcp", "listen", True),
    ((V6, "::", socket.SOCK_STREAM, {"listen": True, "v6only": 1}), "::", "tcp", "listen", True),
    ((V6, "::", socket.SOCK_STREAM, {"listen": True, "v6only": 0}), "::", "tcp", "listen", False),
    ((V6, "::ffff:127.0.0.1", socket.SOCK_STREAM, {"listen": True, "v6only": 0}), "127.0.0.1", "tcp", "listen", False),
    ((V4, "127.0.0.1", socket.SOCK_DGRAM, {}), "127.0.0.1", "udp", "bound", None),
    ((V6, "::", socket.SOCK_DGRAM, {"v6only": 0}), "::", "udp", "bound", False),
    ((V6, "::", socket.SOCK_DGRAM, {"v6only": 1}), "::", "udp", "bound", True),
    ((V4, "127.0.0.1", socket.SOCK_DGRAM, {"connect": ("127.0.0.1", 9)}), "127.0.0.1", "udp", "established", None),
]  # fmt: skip


@pytest.mark.parametrize(
    "made, ip, protocol, state, v6only", OWN, ids=[f"{row[1]}-{row[2]}-{row[3]}-{row[4]}" for row in OWN]
)
def test_a_socket_of_our_own_is_told_as_it_is(made, ip, protocol, state, v6only):
    family, address, kind, options = made
    with opened(family, address, kind, **options) as sock:
        record, port = record_of(sock), sock.getsockname()[1]

    assert (record.ip, record.protocol, record.port) == (ip, protocol, port)
    assert (record.state, record.v6only, record.uid) == (state, v6only, os.geteuid())
    assert (record.pid, record.command) == (os.getpid(), pathlib.Path("/proc/self/comm").read_text().rstrip("\n"))
    assert abs(record.started - started()) < 1.5
    assert record.peer == ("127.0.0.1:9" if "connect" in options else "")


def started():
    """When this process began, found in another way: by how long the machine has been up."""
    ticks = int(pathlib.Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    up = float(pathlib.Path("/proc/uptime").read_text().split()[0])
    return time.time() - up + ticks / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("family, ip", [(V4, "127.0.0.1"), (V6, "::1"), (V6, "::")])
def test_a_socket_that_is_bound_and_does_not_listen_is_told_or_it_is_said_that_it_is_not(family, ip):
    with opened(family, ip, socket.SOCK_STREAM) as sock:
        record, port = record_of(sock), sock.getsockname()[1]
        parts = [one.part for one in gather()[1]]

    told = record and (record.ip, record.protocol, record.port, record.state, record.pid)
    assert told == ((ip, "tcp", port, "bound", os.getpid()) if TELLS_BOUND else None)
    assert ("TCP sockets that are bound and do not listen" in parts) == (not TELLS_BOUND)


def test_a_connection_is_no_socket_that_keeps_a_port_from_others_by_listening():
    with opened(V4, "127.0.0.1", socket.SOCK_STREAM, listen=True) as server, socket.socket() as client:
        client.connect(server.getsockname())

        assert record_of(client) is None


def test_proc_net_tells_the_same_sockets():
    with opened(V6, "::1", socket.SOCK_STREAM, listen=True) as tcp, opened(V4, "127.0.0.1", socket.SOCK_DGRAM) as udp:
        host = LiveHost()
        from_proc = socket_tables.proc_rows(host, "tcp", 1 << 10) + socket_tables.proc_rows(host, "udp", 1 << 7)
        ours = {os.fstat(sock.fileno()).st_ino: sock.getsockname()[:2] for sock in (tcp, udp)}

    assert {row.inode: (row.ip, row.port) for row in from_proc if row.inode in ours} == ours


# -- names that a process may choose ----------------------------------------------------------------------------------

NAMED = """
import ctypes, os, socket, sys
libc = ctypes.CDLL(None)
libc.prctl(15, bytes.fromhex(sys.argv[1]), 0, 0, 0)  # PR_SET_NAME
sock = socket.socket()
sock.bind(("127.0.0.1", 0))
sock.listen(1)
print(sock.getsockname()[1], flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def python(code, *arguments, **options):
    """A Python process that runs until its standard input ends, and the first line that it printed."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **options
    )
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(timeout=20)


@pytest.mark.parametrize(
    "raw, visible",
    [
        (b"new\nline", "new\nline"),
        (b"a) S 1 (b", "a) S 1 (b"),
        (b"\x1b[31mred", "\x1b[31mred"),
        (b"bad\xff\xfe", "bad\\xff\\xfe"),
        (b"quo\"te'", "quo\"te'"),
        ("größe".encode(), "größe"),
    ],
)
def test_a_process_may_have_any_name(raw, visible):
    with python(NAMED, raw.hex()) as (process, port):
        found = [one for one in gather(command_lines=True)[0] if one.port == int(port) and one.ip == "127.0.0.1"]

    assert [(one.pid, one.command) for one in found] == [(process.pid, visible)]
    assert raw.hex() in found[0].command_line
    json.dumps(visible, ensure_ascii=False).encode("utf-8")


# -- another user -----------------------------------------------------------------------------------------------------

AS_NOBODY = """
import json, os, sys
root, uid = sys.argv[1], int(sys.argv[2])
sys.path.insert(0, root)
from ansible_collections.dockmaster.ports.plugins.module_utils._live_host import LiveHost
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import sockets
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
os.setgid(uid)
os.setuid(uid)
blind = []
found = sockets.probe(LiveHost(), Request(sections=("sockets",)), Evidence(), blind)["sockets"]
ours = [[s.ip, s.port, s.uid, s.pid, s.command] for s in found if s.port == int(sys.argv[3])]
print(json.dumps([ours, [[b.part, b.see, b.hides] for b in blind], sum(s.pid is None for s in found)]))
"""


@pytest.fixture
def importable(tmp_path):
    """A folder with the collection in it under its own name. It is imported before the rights are dropped."""
    (tmp_path / "ansible_collections" / "dockmaster").mkdir(parents=True)
    (tmp_path / "ansible_collections" / "dockmaster" / "ports").symlink_to(COLLECTION)
    return tmp_path


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become another user")
def test_another_users_sockets_have_no_owner_and_that_is_said_once(importable):
    nobody = 65534
    with opened(V4, "127.0.0.1", socket.SOCK_STREAM, listen=True) as sock:
        port = sock.getsockname()[1]
        with python(AS_NOBODY, str(importable), str(nobody), str(port)) as (_process, printed):
            ours, blind, unknown = json.loads(printed)

    assert ours == [["127.0.0.1", port, 0, None, ""]]
    owners = [one for one in blind if one[0].startswith("owners")]
    assert owners == [[f"owners of {unknown} socket{'s' if unknown != 1 else ''}", "gather with become: true", False]]


# -- an oracle --------------------------------------------------------------------------------------------------------

_USER = re.compile(r'\("(?P<name>.*?)",pid=(?P<pid>\d+),fd=\d+\)')


def ss():
    """(protocol, address, port) to the pids that `ss` names, of every listening TCP and unconnected UDP socket."""
    done = subprocess.run(["ss", "-tulnpH"], stdout=subprocess.PIPE, text=True, timeout=30, check=True)
    told = {}
    for line in done.stdout.splitlines():
        protocol, _state, _received, _sent, local = line.split()[:5]
        host, _colon, port = local.rpartition(":")
        ip = host.partition("%")[0].strip("[]")
        key = (protocol, "*" if ip == "*" else str(ipaddress.ip_address(ip)), int(port))
        told.setdefault(key, set()).update(int(match["pid"]) for match in _USER.finditer(line))
    return told


def as_ss_writes(one):
    """ss writes * for an IPv6 socket that is not v6only, 0.0.0.0 for IPv4; an IPv4-mapped address as it is."""
    dual = one.ip == "::" and not one.v6only
    ip = "*" if dual else one.ip
    if one.v6only is False and "." in ip:
        ip = str(ipaddress.ip_address(f"::ffff:{ip}"))
    return (one.protocol, ip, one.port)


@pytest.mark.skipif(not shutil.which("ss"), reason="ss (iproute2) is not installed")
def test_it_says_what_ss_says():
    with contextlib.ExitStack() as stack:
        mine = set()
        for family, ip, kind, options in (row[0] for row in OWN):
            if "connect" not in options:
                mine.add(stack.enter_context(opened(family, ip, kind, **options)).getsockname()[1])
        before, (found, _blind), after = ss(), gather(), ss()

    seen = {}
    for one in found:
        if one.state == ("listen" if one.protocol == "tcp" else "bound"):
            seen.setdefault(as_ss_writes(one), set()).update({one.pid} - {None})
    steady = {key for key in before if key in after}  # other programs open and close sockets meanwhile
    assert steady - set(seen) == set()
    assert {key for key in seen if key[2] in mine} == {key for key in before if key[2] in mine}
    assert {key: pids for key, pids in seen.items() if key[2] in mine} == {
        key: {os.getpid()} for key in seen if key[2] in mine
    }
    assert all(seen[key] <= before[key] for key in steady if before[key] == after[key] and before[key])
