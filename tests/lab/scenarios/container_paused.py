# SPDX-License-Identifier: GPL-3.0-or-later
"""A paused container keeps its ports: clients connect, and wait."""

from labkit import texts
from labkit.scenario import Finding, Lab

SHORT = ("sid",)
STOPPED = Finding(
    "stopped_container",
    "exited container holder will want *:8170/tcp when it starts",
    ("move_want", "remove_container"),
)


def run(lab: Lab) -> None:
    lab.container("holder", "-p", "8170:80")
    lab.host.sh("docker pause holder")
    found = Finding("container", "container holder has *:8170/tcp", ("move_want", "stop_container"))
    lab.want("8170:80", "blocked", found, says=texts.allocated("0.0.0.0", 8170))
    lab.remedy("stop_container", "docker stop holder")
    lab.want("8170:80", "at_risk", STOPPED)
