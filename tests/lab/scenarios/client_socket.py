# SPDX-License-Identifier: GPL-3.0-or-later
"""An outgoing connection has the port as its own end: `ss -l` shows nobody."""

from labkit import texts
from labkit.scenario import Finding, Lab


def run(lab: Lab) -> None:
    holder = lab.process("python3 /lab/connect.py 40001 127.0.0.1 22")
    found = Finding("client_socket", "", ("wait", "reserve_port"))
    lab.want("40001:80", "blocked", found, says=texts.in_use(lab.host, "0.0.0.0", 40001))
    lab.end(holder)
