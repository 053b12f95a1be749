# SPDX-License-Identifier: GPL-3.0-or-later
"""firewalld stops: up to 1.3 it takes Docker's chains with it, later releases leave them."""

from labkit.scenario import Finding, Lab
from labkit.scene import RESTART

SHORT = ("bookworm", "trixie")
RENEW = True

COUNT = {"bookworm": 8}
MISSING = {host: f"table nat has no chain DOCKER (iptables-nft, IPv4) and {n} more" for host, n in COUNT.items()}


def run(lab: Lab) -> None:
    lab.host.sh("systemctl start firewalld")
    lab.restart_engine()
    lab.host.sh("systemctl stop firewalld")
    if lab.host.name == "bookworm":
        found = Finding("chains_missing", MISSING[lab.host.name], ("restart_engine",))
        lab.want("8230:80", "blocked", found, says="No chain/target/match by that name")
        lab.remedy("restart_engine", RESTART)
    lab.want("8230:80", "free")
