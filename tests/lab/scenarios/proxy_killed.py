# SPDX-License-Identifier: GPL-3.0-or-later
"""docker-proxy was killed by hand: the kernel has the port free, the engine's own table has not."""

from labkit import texts
from labkit.scenario import Finding, Lab


def run(lab: Lab) -> None:
    lab.container("holder", "-p", "8310:80")
    lab.host.sh("pkill -9 -x docker-proxy")
    lab.until("! ss -tlnH 'sport = 8310' | grep -q .")
    found = Finding("container", "container holder has *:8310/tcp", ("move_want", "stop_container"))
    lab.want("8310:80", "blocked", found, says=texts.allocated("0.0.0.0", 8310))
