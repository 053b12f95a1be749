# SPDX-License-Identifier: GPL-3.0-or-later
"""An orphaned DNAT rule of Docker's: the port binds, what comes from outside goes to a container that is no more."""

from labkit.scenario import Finding, Lab

RULE = "DOCKER ! -i docker0 -p tcp -m tcp --dport 8250 -j DNAT --to-destination 172.17.0.99:80"

BECAUSE = "an orphaned DNAT rule sends its traffic to 172.17.0.99:80 (no running container has 172.17.0.99)"


def run(lab: Lab) -> None:
    lab.host.sh(f"iptables -t nat -A {RULE}")
    lab.later(f"iptables -t nat -D {RULE} 2>/dev/null || true")
    found = Finding("nat_rule", BECAUSE, ("remove_orphan_rules", "move_want"))
    lab.want("8250:80", "diverted", found)
    lab.remedy("remove_orphan_rules", f"iptables -t nat -D {RULE}")
    lab.want("8251:80", "free")
    lab.want("8250:80", "free")
