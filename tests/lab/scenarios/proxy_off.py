# SPDX-License-Identifier: GPL-3.0-or-later
"""With userland-proxy off the engine itself holds the ports; IPv6-only listeners are in nobody's way then."""

from labkit import texts
from labkit.scenario import Finding, Lab

RENEW = True


def run(lab: Lab) -> None:
    lab.daemon('{"userland-proxy": false}')
    lab.container("holder", "-p", "8380:80")
    lab.host.sh("ss -tlnpH 'sport = 8380' | grep -q dockerd")
    found = Finding("container", "container holder has 0.0.0.0:8380/tcp", ("move_want", "stop_container"))
    lab.want("8380:80", "blocked", found, says=texts.allocated("0.0.0.0", 8380))
    process = lab.hold("0.0.0.0", 8381)
    found = Finding("process", f"python3 (pid {process.pid}) has 0.0.0.0:8381/tcp", ("move_want", "stop_process"))
    lab.want("8381:80", "blocked", found, says=texts.in_use(lab.host, "0.0.0.0", 8381, proxy=False))
    six = "the userland proxy is off and no network of the engine has IPv6, so nothing will listen there"
    lab.want("[::1]:8383:80", "diverted", Finding("ipv6_unserved", six, ("fix_address",)))
    lab.hold("::", 8382)
    lab.want("8382:80", "free", reach=(f"out tcp {lab.host.v4} 8382",))
