# SPDX-License-Identifier: GPL-3.0-or-later
"""A process has the port on 127.0.0.1 alone: every other address is free."""

from labkit import texts
from labkit.scenario import Finding, Lab

SHORT = ("trixie",)


def run(lab: Lab) -> None:
    holder = lab.hold("127.0.0.1", 8300)
    found = Finding(
        "process",
        f"python3 (pid {holder.pid}) has 127.0.0.1:8300/tcp",
        ("move_want", "stop_process"),
    )
    lab.want("8300:80", "blocked", found, says=texts.in_use(lab.host, "0.0.0.0", 8300))
    lab.want(f"{lab.host.v4}:8300:80", "free")
