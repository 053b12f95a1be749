# SPDX-License-Identifier: GPL-3.0-or-later
"""A container that was created and never started has nothing yet."""

from labkit.scenario import Finding, Lab

SHORT = ("bookworm",)


def run(lab: Lab) -> None:
    lab.container("holder", "-p", "8160:80", verb="create")
    found = Finding(
        "stopped_container",
        "created container holder will want *:8160/tcp when it starts",
        ("move_want", "remove_container"),
    )
    lab.want("8160:80", "at_risk", found)
    lab.remedy("remove_container", "docker rm holder")
    lab.want("8160:80", "free")
