# SPDX-License-Identifier: GPL-3.0-or-later
"""A second engine on the same host: its docker-proxy is a stranger to the first."""

from labkit import texts
from labkit.scenario import Finding, Lab

SHORT = ("trixie", "sid")
RENEW = True  # a bridge, and the second engine's rules
UNIT = """\
[Service]
ExecStartPre=-/usr/sbin/ip link add docker1 type bridge
ExecStartPre=-/usr/sbin/ip addr add 172.30.0.1/16 dev docker1
ExecStart=/usr/sbin/dockerd --data-root /var/lib/docker/second --exec-root /run/docker2 --pidfile /run/docker2.pid \
  --host unix:///run/docker2.sock --bridge docker1 --containerd /run/containerd/containerd.sock \
  --containerd-namespace second --containerd-plugins-namespace plugins.second --config-file /run/docker2.json
"""
SECOND = "docker -H unix:///run/docker2.sock"


def run(lab: Lab) -> None:
    lab.file("/run/docker2.json", "{}\n")
    lab.unit("docker2.service", UNIT)
    lab.until(f"{SECOND} version")
    lab.host.sh(f"{SECOND} load -q -i /srv/bb.tar")
    lab.container("theirs", "-p", "8480:80", client=SECOND)
    found = Finding("container", "container theirs has *:8480/tcp", ("move_want", "stop_container"))
    lab.want("8480:80", "blocked", found, says=texts.in_use(lab.host, "0.0.0.0", 8480))
    lab.remedy("stop_container", f"{SECOND} stop theirs", client=SECOND)
