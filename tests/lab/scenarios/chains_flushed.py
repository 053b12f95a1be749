# SPDX-License-Identifier: GPL-3.0-or-later
"""`iptables -F` and `-X` took Docker's chains: nothing can be published until the engine starts again."""

from labkit.scenario import Finding, Lab
from labkit.scene import RESTART

RENEW = True  # the policies that the engine set at boot are gone too
FLUSH = "for t in nat filter; do iptables -t $t -F; iptables -t $t -X; done"

COUNT = {"bookworm": 8, "trixie": 8, "sid": 14}
MISSING = {host: f"table nat has no chain DOCKER (iptables-nft, IPv4) and {n} more" for host, n in COUNT.items()}


def run(lab: Lab) -> None:
    lab.container("old", "-p", "8139:80")
    lab.host.sh(FLUSH)
    found = Finding("chains_missing", MISSING[lab.host.name], ("restart_engine",))
    lab.want("8130:80", "blocked", found, says="No chain/target/match by that name")
    lab.remedy("restart_engine", RESTART)
    lab.want("8130:80", "free")
