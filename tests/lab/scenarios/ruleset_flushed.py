# SPDX-License-Identifier: GPL-3.0-or-later
"""`nft flush ruleset` took every rule of everybody, Docker's chains among them."""

from labkit.scenario import Finding, Lab
from labkit.scene import RESTART

SHORT = ("bookworm", "sid")
RENEW = True

COUNT = {"bookworm": 8, "trixie": 8, "sid": 29}
MISSING = {host: f"table nat has no chain DOCKER (iptables-nft, IPv4) and {n} more" for host, n in COUNT.items()}


def run(lab: Lab) -> None:
    lab.host.sh("nft flush ruleset")
    found = Finding("chains_missing", MISSING[lab.host.name], ("restart_engine",))
    lab.want("8330:80", "blocked", found, says="No chain/target/match by that name")
    lab.remedy("restart_engine", RESTART)
    lab.want("8330:80", "free")
