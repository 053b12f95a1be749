# SPDX-License-Identifier: GPL-3.0-or-later
"""A swarm service publishes through the ingress network: its rules take a port from the host, in silence."""

from labkit.remote import Remote
from labkit.scenario import Finding, Lab

RENEW = True
WEB = "bb:1 sh -c 'echo {name} > /www/index.html; exec httpd -f -p 80 -h /www'"
CREATE = f"docker service create --detach=false --quiet --name {{name}} -p {{port}}:80 {WEB}"


def cannot(host: Remote) -> str:
    """The ingress network balances its load with IPVS, and without it publishes nothing at all."""
    return (
        "" if host.try_sh("modprobe ip_vs 2>/dev/null; test -e /proc/net/ip_vs").rc == 0 else "the kernel has no IPVS"
    )


def run(lab: Lab) -> None:
    lab.host.sh(f"docker swarm init --advertise-addr {lab.host.v4}")
    lab.later("docker swarm leave --force")
    lab.host.sh(CREATE.format(name="shop", port=8410), timeout=90)
    lab.reaches("out", lab.host.v4, 8410, "shop")
    lab.want(
        "8410:80",
        "blocked",
        Finding("swarm_service", "swarm service shop has *:8410/tcp", ("move_want",)),
        by="other/web",
    )
    lab.hold("0.0.0.0", 8411, "say=host")
    lab.reaches("out", lab.host.v4, 8411, "host")
    lab.host.sh(CREATE.format(name="thief", port=8411), timeout=90)
    lab.reaches("out", lab.host.v4, 8411, "thief")  # no error anywhere
