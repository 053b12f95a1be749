# SPDX-License-Identifier: GPL-3.0-or-later
"""Another container that runs publishes the port."""

from labkit import texts
from labkit.scenario import Finding, Lab

STOPPED = ("move_want", "remove_container")


def run(lab: Lab) -> None:
    lab.container("holder", "-p", "8140:80")
    found = Finding("container", "container holder has *:8140/tcp", ("move_want", "stop_container"))
    lab.want("8140:80", "blocked", found, says=texts.allocated("0.0.0.0", 8140))
    lab.remedy("stop_container", "docker stop holder")
    lab.want(
        "8140:80",
        "at_risk",
        Finding("stopped_container", "exited container holder will want *:8140/tcp when it starts", STOPPED),
        by="other/web",
    )
