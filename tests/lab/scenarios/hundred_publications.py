# SPDX-License-Identifier: GPL-3.0-or-later
"""A hundred ports in one publication, and what is wanted inside, beside and across it."""

from labkit import texts
from labkit.scenario import Finding, Lab

SHORT = ("bookworm",)
REMEDIES = ("move_want", "stop_container")


def run(lab: Lab) -> None:
    lab.container("holder", "-p", "9000-9099:9000-9099", port=9050)
    lab.reaches("out", lab.host.v4, 9050, "holder")
    found = Finding("container", "container holder has *:9050/tcp", REMEDIES)
    lab.want("9050:80", "blocked", found, says=texts.allocated("0.0.0.0", 9050))
    found = Finding("container", "container holder has *:9098-9099/tcp", REMEDIES)
    lab.want("9098-9101:9098-9101", "blocked", found, reach=(), says="failed: port is already allocated")
    lab.want("9099-9101:80", "free", reach=(), wanted="")  # any one of them
    lab.want("9100-9199:9100-9199", "free", reach=[f"out tcp {ip} 9100" for ip in (lab.host.v4, lab.host.v6)])
