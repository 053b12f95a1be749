# SPDX-License-Identifier: GPL-3.0-or-later
"""A process on a UDP port: Engine 28 alone shares it with one that set SO_REUSEADDR; each address has one of them."""

from labkit import texts
from labkit.scenario import Finding, Lab

SHORT = ("bookworm", "sid")
REMEDIES = ("move_want", "stop_process")


def run(lab: Lab) -> None:
    plain = lab.hold("0.0.0.0", 8390, "udp")
    found = Finding("process", f"python3 (pid {plain.pid}) has 0.0.0.0:8390/udp", REMEDIES)
    lab.want("8390:80/udp", "blocked", found, says=texts.in_use(lab.host, "0.0.0.0", 8390, "udp"))
    reuse = lab.hold("127.0.0.1", 8391, "udp", "reuse")
    found = Finding("process", f"python3 (pid {reuse.pid}) has 127.0.0.1:8391/udp", REMEDIES)
    if lab.host.version < (28,):
        lab.want("8391:80/udp", "blocked", found, says=texts.in_use(lab.host, "0.0.0.0", 8391, "udp"))
    else:
        outside, loopback = f"out udp {lab.host.v4} 8391", "in udp 127.0.0.1 8391"
        lab.want("8391:80/udp", "diverted", found, reach=(outside, loopback))
