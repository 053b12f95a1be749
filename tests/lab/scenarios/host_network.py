# SPDX-License-Identifier: GPL-3.0-or-later
"""A container on the host's network listens: to the engine it publishes nothing, to the kernel it is a process."""

from labkit import texts
from labkit.scenario import Finding, Lab

SHORT = ("trixie",)


def run(lab: Lab) -> None:
    lab.container("holder", "--network", "host", port=8240)
    lab.until("ss -tlnH 'sport = 8240' | grep -q .")
    found = Finding(
        "host_network",
        "container holder, which is on the host's network, listens on *:8240/tcp",
        ("move_want", "stop_container"),
    )
    lab.want("8240:80", "blocked", found, says=texts.in_use(lab.host, "0.0.0.0", 8240))
    lab.remedy("stop_container", "docker stop holder")
    lab.want("8240:80", "free")
