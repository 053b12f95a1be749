# SPDX-License-Identifier: GPL-3.0-or-later
"""Engine 28 drops what goes to a container past its bridge; an orphan of these drops cuts the address's heir off.

From outside the heir is reached all the same: the raw table is asked before DNAT, when packets still go to the host.
Cut off are its neighbours, where bridged packets pass the rules (bridge-nf-call-iptables).
"""

from labkit.scenario import Lab

NOT_ON = {
    "bookworm": "engines up to 27 make no rules in the raw table",
    "trixie": "engines up to 27 make no rules in the raw table",
}
ADDRESS = "docker inspect -f '{{.NetworkSettings.IPAddress}}' web"
NEIGHBOUR = "docker run --rm --stop-signal KILL bb:1 sh -c '(echo GET /; sleep 1) | nc -w 2 {ip} 80' | grep -q HTTP"


def run(lab: Lab) -> None:
    lab.container("web", "-p", "8320:80")
    lab.reaches("out", lab.host.v4, 8320, "web")
    ip = lab.host.sh(ADDRESS)
    lab.host.sh(NEIGHBOUR.format(ip=ip))
    rule = f"PREROUTING -d {ip}/32 ! -i br-0123456789ab -j DROP"
    lab.host.sh(f"iptables -t raw -A {rule}")
    lab.later(f"iptables -t raw -D {rule} 2>/dev/null || true")
    lab.reaches("out", lab.host.v4, 8320, "web")
    lab.host.sh(f"! {NEIGHBOUR.format(ip=ip)}")
    lab.want("8320:80", "free", by="web", start=False)
    lab.host.sh(f"iptables -t raw -D {rule}")
    lab.host.sh(NEIGHBOUR.format(ip=ip))
