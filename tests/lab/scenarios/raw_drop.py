# SPDX-License-Identifier: GPL-3.0-or-later
"""Engine 28 drops what comes to a container from elsewhere than its bridge; an orphan of these drops what comes to its heir."""

from labkit.scenario import Finding, Lab

NOT_ON = {
    "bookworm": "engines up to 27 make no rules in the raw table",
    "trixie": "engines up to 27 make no rules in the raw table",
}
RULE = "PREROUTING -d {ip}/32 ! -i br-0123456789ab -j DROP"


def run(lab: Lab) -> None:
    lab.container("web", "-p", "8320:80")
    rule = RULE.format(ip=lab.host.sh("docker inspect -f '{{.NetworkSettings.IPAddress}}' web"))
    lab.reaches("out", lab.host.v4, 8320, "web")
    lab.host.sh(f"iptables -t raw -A {rule}")
    lab.later(f"iptables -t raw -D {rule} 2>/dev/null || true")
    lab.reaches("in", lab.host.v4, 8320, "web")
    lab.reaches("out", lab.host.v4, 8320, "silent")
    lab.want("8320:80", "diverted", Finding("nat_rule", "", ("remove_orphan_rules", "move_want")), by="web", start=False)
    lab.host.sh(f"iptables -t raw -D {rule}")
    lab.reaches("out", lab.host.v4, 8320, "web")
