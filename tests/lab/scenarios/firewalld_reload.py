# SPDX-License-Identifier: GPL-3.0-or-later
"""firewalld reloads: an engine that runs puts its rules back; one that is down loses them until it starts."""

from labkit.scenario import Lab

SHORT = ("bookworm", "sid")
RENEW = True


def run(lab: Lab) -> None:
    lab.later("systemctl stop firewalld")
    lab.host.sh("systemctl start firewalld")
    lab.restart_engine()
    lab.container("web", "-p", "8229:80")
    lab.reaches("out", lab.host.v4, 8229, "web")
    lab.host.sh("firewall-cmd --reload")
    lab.until("iptables -t nat -S DOCKER | grep -q 8229")  # the engine hears of it
    lab.reaches("out", lab.host.v4, 8229, "web")
    # IPv6 comes in through docker-proxy, past DNAT, and firewalld's zone does not let it
    lab.want("8220:80", "free", reach=(f"out tcp {lab.host.v4} 8220",))
