# SPDX-License-Identifier: GPL-3.0-or-later
"""A stopped container has nothing, whatever is said of it: it only wants the port again when it starts."""

from labkit.scenario import Finding, Lab

SHORT = ("trixie",)


def run(lab: Lab) -> None:
    lab.container("holder", "-p", "8190:80")
    lab.host.sh("docker stop holder")
    found = Finding(
        "stopped_container",
        "exited container holder will want *:8190/tcp when it starts",
        ("move_want", "remove_container"),
    )
    lab.want("8190:80", "at_risk", found)
    lab.remedy("remove_container", "docker rm holder")
    lab.want("8190:80", "free")
