# SPDX-License-Identifier: GPL-3.0-or-later
"""resolved_stub: a container gets port 53, the host asks its real servers, and all is put back at the end."""

from labkit.play import Module, promise, role
from labkit.remedied import tasks
from labkit.scenario import Lab, Mismatch

# A DNS server in a network namespace of its own: 10.99.0.2 knows host.example, and nothing else
SHORT = ("trixie",)
SERVER = """
import socket, struct
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("10.99.0.2", 53))
while True:
    query, client = sock.recvfrom(512)
    end = query.index(b"\\0", 12) + 5
    known = b"host\\7example" in query
    flags = 0x8180 if known or end == 17 else 0x8183
    head = struct.pack("!HHHHHH", int.from_bytes(query[:2], "big"), flags, 1, known, 0, 0)
    record = struct.pack("!HHHIH4B", 0xC00C, 1, 1, 60, 4, 192, 0, 2, 7) if known else b""
    sock.sendto(head + query[12:end] + record, client)
"""
NAMESPACE = """
ip netns add dns
ip link add dns0 type veth peer name eth0 netns dns
ip addr add 10.99.0.1/24 dev dns0; ip link set dns0 up
ip -n dns addr add 10.99.0.2/24 dev eth0; ip -n dns link set eth0 up; ip -n dns link set lo up
"""
GETENT = "getent -s dns ahosts host.example | grep -q 192.0.2.7"  # by resolv.conf alone, past nss-resolve
RESTART = "systemctl daemon-reload; systemctl reset-failed systemd-resolved; systemctl restart systemd-resolved"
LINK = "readlink /etc/resolv.conf"


def run(lab: Lab) -> None:
    lab.later(f"ip netns del dns; ip link del dns0 2>/dev/null || true; {RESTART}")
    lab.host.sh(NAMESPACE)
    lab.host.sh(f"cat > /run/dns.py <<'EOF'\n{SERVER}\nEOF")
    server = lab.process("ip netns exec dns python3 /run/dns.py >/dev/null 2>&1 & echo $!")
    stub = Module(lab.host, "resolved_stub", {"state": "absent"})
    _refused(lab, stub, {}, "systemd-resolved knows no DNS server")
    lab.file("/etc/systemd/resolved.conf.d/lab.conf", "[Resolve]\nDNS=10.99.0.2\nDNSSEC=no\n")
    lab.host.sh(f"{RESTART}; resolvectl flush-caches")
    lab.until(GETENT)
    _released(lab, stub)
    _given_back(lab, stub)
    _put_back(lab, stub)
    _remediated(lab, stub)
    lab.end(server)
    _refused(lab, stub, {}, "none of the DNS servers answers (10.99.0.2)")


def _refused(lab: Lab, stub: Module, args: dict, words: str) -> None:
    did = stub.promise(args)
    if not did.get("failed") or words not in did["msg"]:
        raise Mismatch(f"{args} was to be refused with {words!r}: {did}")


def _released(lab: Lab, stub: Module) -> None:
    found = promise(lab.host, [role("resolved_stub", resolved_stub_by="pihole")])  # only looks
    if found.changed or "10.213" not in found.text or "disturbs nothing and is free" not in found.text:
        raise Mismatch(f"the role was to offer a concrete address: {found.text}")
    wish = {"resolved_stub_by": "pihole", "resolved_stub_release": True, "resolved_stub_names": ["host.example"]}
    promise(lab.host, [role("resolved_stub", **wish)])
    lab.host.sh(GETENT)
    if lab.host.sh(LINK) != "../run/systemd/resolve/resolv.conf":
        raise Mismatch(f"resolv.conf leads to {lab.host.sh(LINK)}")
    lab.container("pihole", "-p", "53:53/udp", "-p", "53:53/tcp")


def _given_back(lab: Lab, stub: Module) -> None:
    _refused(lab, stub, {"state": "absent"}, "127.0.0.53:53/udp is taken (EADDRINUSE)")
    lab.host.sh("docker rm -f pihole")
    stub.promise({"state": "absent"})
    lab.host.sh(GETENT)
    if lab.host.sh(LINK) != "../run/systemd/resolve/stub-resolv.conf":
        raise Mismatch(f"resolv.conf leads to {lab.host.sh(LINK)}")
    lab.host.sh("ss -ulnH | grep -q '127.0.0.53%lo:53'; ! ls /etc/systemd/resolved.conf.d | grep dockmaster")


def _remediated(lab: Lab, stub: Module) -> None:
    """The same for a finding: role remediate finds the stub in the way, and afterwards it is not."""
    did = promise(lab.host, tasks("53:53", ["release_resolved_stub"], remediate_names=["host.example"]))
    if did.failed or "DONE      release_resolved_stub" not in did.text:
        raise Mismatch(f"the stub was to be turned off: {did.text}")
    lab.host.sh(GETENT)
    lab.want("53:53", "free")
    stub.promise({"state": "absent"})


def _put_back(lab: Lab, stub: Module) -> None:
    """resolved does not start with the file: the host is as before."""
    override = "/run/systemd/system/systemd-resolved.service.d/lab.conf"
    lab.file(override, "[Service]\nExecStartPost=/bin/sh -c '! ls /etc/systemd/resolved.conf.d/zz-*'\n")
    lab.later("systemctl daemon-reload")
    lab.host.sh("systemctl daemon-reload")
    did = stub({})
    if not did.get("failed") or "everything was put back" not in did["msg"]:
        raise Mismatch(f"it was to be put back: {did}")
    lab.host.sh(f'{GETENT}; [ "$({LINK})" = ../run/systemd/resolve/stub-resolv.conf ]')
    lab.host.sh("! ls /etc/systemd/resolved.conf.d/zz-*")
    lab.host.sh(f"rm {override}; rmdir $(dirname {override}); {RESTART}")
