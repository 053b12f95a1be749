# SPDX-License-Identifier: GPL-3.0-or-later
"""An orphaned DNAT rule in the legacy tables, which `iptables` of the nft kind does not show: the kernel obeys both."""

from labkit.scenario import Finding, Lab

RENEW = True  # legacy tables stay until the host boots
RULE = "PREROUTING -p tcp -m tcp --dport 8260 -j DNAT --to-destination 172.17.0.99:80"


def run(lab: Lab) -> None:
    lab.host.sh(f"iptables-legacy -t nat -A {RULE}")
    found = Finding("nat_rule", "", ("remove_orphan_rules", "move_want"))
    lab.want("8260:80", "diverted", found)
