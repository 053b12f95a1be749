# SPDX-License-Identifier: GPL-3.0-or-later
"""An outgoing connection has the port as its own end: `ss -l` shows nobody."""

from labkit import texts
from labkit.scenario import Finding, Lab

SHORT = ("trixie",)


def run(lab: Lab) -> None:
    holder = lab.process("python3 /lab/connect.py 40001 127.0.0.1 22")
    found = Finding(
        "client_socket",
        f"python3's connection in ESTABLISHED (pid {holder.pid}) has 127.0.0.1:40001/tcp now",
        ("wait", "reserve_port", "move_want"),
    )
    drawn = Finding(
        "ephemeral", "the kernel may give *:40001/tcp to any outgoing connection first", ("reserve_port", "move_want")
    )
    lab.want("40001:80", "blocked", found, drawn, says=texts.in_use(lab.host, "0.0.0.0", 40001))
    lab.end(holder)  # what remedy wait waits for
    lab.want("40001:80", "at_risk", drawn)
    lab.later("sysctl -qw net.ipv4.ip_local_reserved_ports=''")
    lab.remedy("reserve_port", "sysctl -qw net.ipv4.ip_local_reserved_ports=40001")
    lab.want("40001:80", "free")
