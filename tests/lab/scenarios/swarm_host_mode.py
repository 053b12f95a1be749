# SPDX-License-Identifier: GPL-3.0-or-later
"""A swarm service publishes on its node in host mode: a container's publication, under a service's name."""

from labkit import texts
from labkit.scenario import Finding, Lab

SHORT = ("bookworm",)
RENEW = True


def run(lab: Lab) -> None:
    lab.host.sh(f"docker swarm init --advertise-addr {lab.host.v4}")
    lab.later("docker swarm leave --force")
    lab.service("shop", "mode=host,published=8420,target=80")
    lab.reaches("out", lab.host.v4, 8420, "shop")
    task = lab.host.sh("docker ps --format '{{.Names}}'")
    found = Finding("container", f"container {task} has *:8420/tcp", ("move_want", "stop_container"))
    service = Finding("swarm_service", "swarm service shop will want *:8420/tcp", ("move_want",))
    lab.want("8420:80", "blocked", found, service, by="other/web", says=texts.allocated("0.0.0.0", 8420))
    lab.host.sh("docker service rm shop")
    lab.until("! docker ps -q | grep -q .")
    lab.want("8420:80", "free", by="other/web")
