# SPDX-License-Identifier: GPL-3.0-or-later
"""The host once ran its engine on the legacy tables; an orphan of that time is still there, and the kernel obeys it.

`iptables` of the nft kind does not show it.
"""

from labkit.scenario import Finding, Lab
from labkit.scene import RESTART

SHORT = ("sid",)
RENEW = True  # legacy tables stay until the host boots
OLD = (
    "-N DOCKER",
    "-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER",
    "-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8260 -j DNAT --to-destination 172.17.0.99:80",
)


def run(lab: Lab) -> None:
    for rule in OLD:
        lab.host.sh(f"iptables-legacy -t nat {rule}")
    orphan = Finding(
        "nat_rule",
        "an orphaned DNAT rule sends its traffic to 172.17.0.99:80 (no running container has 172.17.0.99)",
        ("remove_orphan_rules", "move_want"),
    )
    split = Finding(
        "firewall_split",
        "the engine's IPv4 rules live in iptables-legacy and in iptables-nft, and packets must pass both",
        ("use_one_backend",),
    )
    lab.want("8260:80", "diverted", orphan, split)
    lab.remedy("remove_orphan_rules", "iptables-legacy -t nat " + OLD[2].replace("-A", "-D", 1))
    lab.remedy("use_one_backend", "iptables-legacy -t nat -F; iptables-legacy -t nat -X; " + RESTART)
    lab.want("8260:80", "free")
