# SPDX-License-Identifier: GPL-3.0-or-later
"""A user's own engine: its ports are rootlesskit's on the host, and those below 1024 are not for it."""

from labkit import rootless
from labkit.remedied import remedied
from labkit.scenario import Finding, Lab

SHORT = ("trixie",)
RENEW = True
LOW = "the engine is rootless and may bind ports from 1024 on only"
NOT_ON = {"bookworm": "the lab has no rootless engine 20.10"}


def run(lab: Lab) -> None:
    client, path = rootless.start(lab)
    lab.container("theirs", "-p", "18080:80", client=client)
    lab.reaches("out", lab.host.v4, 18080, "theirs")
    args = {"docker_host": f"unix://{path}"}
    found = Finding("container", "container theirs has *:18080/tcp", ("move_want", "stop_container"))
    lab.want(
        "18080:80",
        "blocked",
        found,
        says="address already in use" if lab.host.version < (28,) else "failed to bind host port for 0.0.0.0:18080:",
    )
    # the same asked of the user's engine; then a process of the host, and a low port
    lab.want("18080:80", "blocked", found, args=args, docker=client, says="18080 failed: port is already allocated")
    if lab.host.version >= (28,):
        _beside(lab, client, args)
    holder = lab.hold("0.0.0.0", 18081)
    found = Finding("process", f"python3 (pid {holder.pid}) has 0.0.0.0:18081/tcp", ("move_want", "stop_process"))
    lab.want(
        "18081:80",
        "blocked",
        found,
        args=args,
        docker=client,
        says="listen tcp4 0.0.0.0:18081: bind: address already in use",
    )
    lab.remedy("stop_process", f"kill -9 {holder.pid}")
    lab.want("18081:80", "free", args=args, docker=client, reach=(f"out tcp {lab.host.v4} 18081",))
    found = Finding("privileged_port", LOW, ("move_want", "lower_unprivileged_port"))
    lab.want("1023:80", "blocked", found, args=args, docker=client, says="cannot expose privileged port 1023")
    lab.remedy("lower_unprivileged_port", "sysctl -qw net.ipv4.ip_unprivileged_port_start=1023")
    lab.want("1023:80", "free", args=args, docker=client, reach=(f"out tcp {lab.host.v4} 1023",))
    lowered = r"ip_unprivileged_port_start|^/etc/sysctl\.d"
    remedied(lab, "1022:80", ["lower_unprivileged_port"], lowered, remediate_docker_host=args["docker_host"])
    lab.want("1022:80", "free", args=args, docker=client, reach=(f"out tcp {lab.host.v4} 1022",))
    lab.want("18082:80", "free", args=args, docker=client, reach=(f"out tcp {lab.host.v4} 18082",))


def _beside(lab: Lab, client: str, args: dict) -> None:
    """Two addresses are one to its table: it takes everything for 127.0.0.1."""
    lab.container("narrow", "-p", "127.0.0.1:18083:80", client=client)
    version = lab.host.sh(f"{client} version --format '{{{{.Server.Version}}}}'")
    because = f"engine {version} takes it for the port that container narrow has on 127.0.0.1"
    found = Finding("rootless_port_driver", because, ("move_want", "upgrade_engine"))
    says = "Bind for 127.0.0.1:18083 failed: port is already allocated"
    lab.want(f"{lab.host.v4}:18083:80", "blocked", found, args=args, docker=client, says=says)
