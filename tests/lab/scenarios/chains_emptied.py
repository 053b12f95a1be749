# SPDX-License-Identifier: GPL-3.0-or-later
"""`iptables -t nat -F DOCKER` emptied the chain: new publications work, the old ones live by docker-proxy alone."""

from labkit.scenario import Lab

SHORT = ("bookworm",)
RENEW = True


def run(lab: Lab) -> None:
    lab.container("old", "-p", "8129:80")
    lab.host.sh("iptables -t nat -F DOCKER")
    lab.want("8120:80", "free")
    lab.reaches("out", lab.host.v4, 8129, "old")  # past every rule of FORWARD and DOCKER-USER
