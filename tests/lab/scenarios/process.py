# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that nothing manages has the port, on every address."""

from labkit import texts
from labkit.scenario import Finding, Lab

REMEDIES = ("move_want", "stop_process")


def run(lab: Lab) -> None:
    holder = lab.hold("0.0.0.0", 8290)
    found = Finding("process", f"python3 (pid {holder.pid}) has 0.0.0.0:8290/tcp", REMEDIES)
    lab.want("8290:80", "blocked", found, says=texts.in_use(lab.host, "0.0.0.0", 8290))
    narrow = Finding("process", f"python3 (pid {holder.pid}) has 127.0.0.1:8290/tcp", REMEDIES)
    lab.want("127.0.0.1:8290:80", "blocked", narrow, says=texts.in_use(lab.host, "127.0.0.1", 8290))
    lab.want("8290:80/udp", "free")
    lab.want("8290:80", "blocked", found)
    lab.remedy("stop_process", f"kill -9 {holder.pid}")
    lab.want("8290:80", "free")
