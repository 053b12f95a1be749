# SPDX-License-Identifier: GPL-3.0-or-later
"""A swarm service publishes through the ingress network: its rules take a port from the host, in silence."""

from labkit import texts
from labkit.scenario import Finding, Lab

SHORT = ()
VIRTUAL = True  # the ingress network balances its load with IPVS, and without it publishes nothing at all


def run(lab: Lab) -> None:
    lab.host.sh(f"docker swarm init --advertise-addr {lab.host.v4}")
    lab.service("shop", "8410:80")
    lab.reaches("out", lab.host.v4, 8410, "shop")
    shop = Finding("swarm_service", "swarm service shop has *:8410/tcp", ("move_want",))
    lab.want("8410:80", "blocked", shop, by="other/web", says=texts.in_use(lab.host, "0.0.0.0", 8410))

    holder = lab.hold("0.0.0.0", 8419, "say=host")  # nobody asks it: a TIME-WAIT would stand in the way below
    lab.service("thief", "8419:80")
    lab.reaches("out", lab.host.v4, 8419, "thief")  # the service is said to run, and the holder to listen
    held = Finding("process", f"python3 (pid {holder.pid}) has 0.0.0.0:8419/tcp", ("move_want", "stop_process"))
    thief = Finding("swarm_service", "swarm service thief gets the traffic of *:8419/tcp", ("move_want",))
    lab.want("8419:80", "blocked", held, thief, by="other/web", says=texts.in_use(lab.host, "0.0.0.0", 8419))
    lab.end(holder)
    lab.want("8419:80", "diverted", thief, by="other/web")

    lab.host.sh("docker service rm shop thief")
    lab.until("! docker ps -q | grep -q .", 60)
    lab.want("8410:80", "free", by="other/web")
    lab.want("8419:80", "free", by="other/web")
