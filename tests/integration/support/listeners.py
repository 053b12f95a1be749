# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs inside a namespace: opens sockets, has wants judged there, says what came out, and ends with its input.

A line of JSON in, {"sockets": [...], "publish": [...], "bind_probe": true}; a line out, the verdicts and findings.
A socket: ip, port, protocol, v6only, options (reuse, reuseport), listen.
"""

from __future__ import annotations

import json
import socket
import sys

from ansible_collections.dockmaster.ports.plugins.module_utils._check import check
from ansible_collections.dockmaster.ports.plugins.module_utils._collect import sections_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import wants_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.result import as_plain
from ansible_collections.dockmaster.ports.plugins.module_utils._live_host import LiveHost
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request


def opened(spec):
    """The socket, or None where the kernel refuses it beside those that are open already."""
    kind = socket.SOCK_DGRAM if spec["protocol"] == "udp" else socket.SOCK_STREAM
    sock = socket.socket(socket.AF_INET6 if ":" in spec["ip"] else socket.AF_INET, kind)
    try:
        for option in spec["options"]:
            sock.setsockopt(socket.SOL_SOCKET, getattr(socket, option), 1)
        if ":" in spec["ip"]:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(spec["v6only"]))
        sock.bind((spec["ip"], spec["port"]))
        if kind == socket.SOCK_STREAM and spec["listen"]:
            sock.listen(1)
    except OSError:
        sock.close()
        return None
    return sock


def main():
    for line in sys.stdin:
        case = json.loads(line)
        for sock in main.held:
            sock.close()
        main.held = [sock for sock in map(opened, case["sockets"]) if sock]
        request = Request(sections_of(["all"]))
        _evidence, diagnosis = check(LiveHost(), request, wants_of(case["publish"], "truth"), case["bind_probe"])
        sys.stdout.write(json.dumps(as_plain(diagnosis)) + "\n")
        sys.stdout.flush()


main.held = []

if __name__ == "__main__":
    main()
