# SPDX-License-Identifier: GPL-3.0-or-later
"""An older rule stands before the live one of a container that runs: it answers on the host and not from outside."""

from labkit.scenario import Finding, Lab

SHORT = ("trixie",)
RULE = "DOCKER 1 ! -i docker0 -p tcp -m tcp --dport 8271 -j DNAT --to-destination 172.17.0.77:80"

BECAUSE = "an orphaned DNAT rule sends its traffic to 172.17.0.77:80 (no running container has 172.17.0.77)"


def run(lab: Lab) -> None:
    lab.container("web", "-p", "8271:80")
    lab.reaches("out", lab.host.v4, 8271, "web")
    lab.host.sh(f"iptables -t nat -I {RULE}")
    lab.later(f"iptables -t nat -D {RULE.replace(' 1 ', ' ')} 2>/dev/null || true")
    lab.reaches("in", "127.0.0.1", 8271, "web")
    lab.reaches("out", lab.host.v4, 8271, "silent")
    lab.want(
        "8271:80", "diverted", Finding("nat_rule", BECAUSE, ("remove_orphan_rules", "move_want")), by="web", start=False
    )
    lab.remedy("remove_orphan_rules", f"iptables -t nat -D {RULE.replace(' 1 ', ' ')}")
    lab.reaches("out", lab.host.v4, 8271, "web")
    lab.want("8271:80", "free", by="web", start=False)
