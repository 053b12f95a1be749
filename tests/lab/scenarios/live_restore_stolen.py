# SPDX-License-Identifier: GPL-3.0-or-later
"""With live-restore a container outlives its engine, its docker-proxy does not: somebody takes the port meanwhile."""

from labkit import texts
from labkit.scenario import Finding, Lab
from labkit.scene import RESTART

SHORT = ("bookworm", "sid")
RENEW = True


def run(lab: Lab) -> None:
    lab.daemon('{"live-restore": true}')
    lab.container("web", "-p", "8370:80")
    lab.reaches("out", lab.host.v4, 8370, "web")
    lab.host.sh("systemctl stop docker.socket docker")
    lab.until("! ss -tlnH 'sport = 8370' | grep -q .")
    lab.reaches("out", lab.host.v4, 8370, "web")  # the rules still send it there
    thief = lab.hold("0.0.0.0", 8370)
    lab.host.sh("systemctl start docker docker.socket")
    lab.host.sh("docker inspect -f '{{.State.Status}}' web | grep -q running")
    found = Finding("process", f"python3 (pid {thief.pid}) has 0.0.0.0:8370/tcp", ("move_want", "stop_process"))
    gone = Finding("chains_missing", "the engine's DNAT rule for it is gone", ("restart_engine",))
    lab.want("8370:80", "blocked", found, gone, by="web", says=texts.in_use(lab.host, "0.0.0.0", 8370))
    lab.remedy("stop_process", f"kill -9 {thief.pid}")
    lab.remedy("restart_engine", RESTART)
    lab.reaches("out", lab.host.v4, 8370, "web")
    lab.want("8370:80", "free", by="web", start=False)
