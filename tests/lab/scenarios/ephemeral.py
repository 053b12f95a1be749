# SPDX-License-Identifier: GPL-3.0-or-later
"""The port is one that the kernel may give to any client; reserved ones it does not give."""

from labkit.scenario import Finding, Lab

SHORT = ("bookworm",)


def run(lab: Lab) -> None:
    found = Finding(
        "ephemeral", "the kernel may give *:40000/tcp to any outgoing connection first", ("reserve_port", "move_want")
    )
    lab.want("40000:80", "at_risk", found)
    lab.later("sysctl -qw net.ipv4.ip_local_reserved_ports=''")
    lab.remedy("reserve_port", "sysctl -qw net.ipv4.ip_local_reserved_ports=40000")
    lab.want("40000:80", "free")
