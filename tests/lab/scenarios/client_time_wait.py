# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection that has ended lingers in TIME-WAIT for a minute, and its port with it."""

from labkit import texts
from labkit.scenario import Finding, Lab

SHORT = ("bookworm",)


def run(lab: Lab) -> None:
    lab.host.sh("python3 /lab/connect.py 40002 127.0.0.1 22 close")
    lab.host.sh("ss -tanH state time-wait 'sport = 40002' | grep -q .")
    found = Finding(
        "client_socket", "a connection in TIME-WAIT has 127.0.0.1:40002/tcp now", ("wait", "reserve_port", "move_want")
    )
    drawn = Finding(
        "ephemeral", "the kernel may give *:40002/tcp to any outgoing connection first", ("reserve_port", "move_want")
    )
    lab.want("40002:80", "blocked", found, drawn, says=texts.in_use(lab.host, "0.0.0.0", 40002))
