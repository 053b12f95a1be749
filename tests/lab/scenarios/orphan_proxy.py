# SPDX-License-Identifier: GPL-3.0-or-later
"""A docker-proxy is left over: its container is gone, and it keeps the port."""

from labkit import texts
from labkit.scenario import Finding, Lab

PROXY = "-proto tcp -host-ip 0.0.0.0 -host-port 8280 -container-ip 172.17.0.99 -container-port 80"


def run(lab: Lab) -> None:
    # the engine listens to a pipe on descriptor 3; setsid takes it out of the session as a crash does
    left = lab.process(f"setsid docker-proxy {PROXY} 3>/dev/null >/dev/null 2>&1 & echo $!")
    lab.until("ss -tlnpH 'sport = 8280' | grep -q docker-proxy")
    found = Finding(
        "orphan_proxy",
        f"docker-proxy without a container (pid {left.pid}) has 0.0.0.0:8280/tcp",
        ("move_want", "stop_process", "restart_engine"),
    )
    lab.want("8280:80", "blocked", found, says=texts.in_use(lab.host, "0.0.0.0", 8280))
    lab.remedy("stop_process", f"kill -9 {left.pid}")
    lab.want("8280:80", "free")
