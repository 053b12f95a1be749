# SPDX-License-Identifier: GPL-3.0-or-later
"""`nft flush ruleset` took every rule of everybody, Docker's chains among them."""

from labkit.scenario import Finding, Lab

RENEW = True


def run(lab: Lab) -> None:
    lab.host.sh("nft flush ruleset")
    found = Finding("chains_missing", "", ("restart_engine",))
    lab.want("8330:80", "blocked", found, says="No chain/target/match by that name")
    lab.restart_engine()
    lab.want("8330:80", "free")
