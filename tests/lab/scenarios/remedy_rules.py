# SPDX-License-Identifier: GPL-3.0-or-later
"""Role remediate: an orphaned rule, of an audit's report too; chains that a flush took; rules in two backends."""

import json

from labkit.play import everything, play, role
from labkit.remedied import only, remedied
from labkit.scenario import Lab, Mismatch

SHORT = ()
RENEW = True  # looking into legacy tables makes them
RULE = "DOCKER ! -i docker0 -p tcp -m tcp --dport {port} -j DNAT --to-destination 172.17.0.99:80"
MINE = "DOCKER ! -i docker0 -p tcp -m tcp --dport 8413 -j DNAT --to-destination 192.0.2.7:80"
FLUSH = "for t in nat filter; do iptables -t $t -F; iptables -t $t -X; done"


def run(lab: Lab) -> None:
    lab.container("live", "-p", "8410:80", "--restart", "always")
    _orphan(lab)
    _unwanted_orphan(lab)
    _flushed(lab)
    _split(lab)


def _orphan(lab: Lab) -> None:
    """Beside a live rule and one that somebody wrote."""
    lab.host.sh(f"iptables -t nat -A {RULE.format(port=8411)}; iptables -t nat -A {MINE}")
    before = lab.host.sh("iptables-save -t nat | grep -- '^-A DOCKER'").splitlines()
    remedied(lab, "8411:80", ["remove_orphan_rules"], r"^iptables-nft: nat .*172\.17\.0\.99:80$")
    after = lab.host.sh("iptables-save -t nat | grep -- '^-A DOCKER'").splitlines()
    if [line for line in before if "172.17.0.99" not in line] != after:
        raise Mismatch(f"one rule was to go: {before} became {after}")
    lab.want("8411:80", "free")
    lab.reaches("out", lab.host.v4, 8410, "live")


def _unwanted_orphan(lab: Lab) -> None:
    """For a port that nobody wants: an audit finds it."""
    lab.host.sh(f"iptables -t nat -A {RULE.format(port=8412)}")
    did = remedied(lab, None, ["remove_orphan_rules"], r"^iptables-nft: nat .*--dport 8412 .*172\.17\.0\.99:80$")
    if "removes iptables-nft ip nat DOCKER: " not in did.text:
        raise Mismatch(f"the rule's text was to be said: {did.text}")


def _flushed(lab: Lab) -> None:
    """All of the engine's rules come back, with its containers; what somebody wrote before the flush does not."""
    lab.host.sh(f"iptables -t nat -D {MINE}")
    whole = everything(lab.host)
    lab.host.sh(FLUSH)
    did = remedied(lab, "8414:80", ["restart_engine"], r"^(ip6?tables-nft|kernel|networks|listeners): ")
    if "live" not in did.text or "restart_engine" not in did.text:
        raise Mismatch(f"who stops was to be said: {did.text}")
    only(whole, everything(lab.host), r"^(iptables-nft: (filter :FORWARD|\w+ -P )|ip6?tables-nft: the same)")
    lab.want("8414:80", "free")
    lab.reaches("out", lab.host.v4, 8410, "live")


def _split(lab: Lab) -> None:
    """As people do it: they switch, and restart the engine."""
    for program in ("iptables", "ip6tables"):
        lab.host.sh(f"update-alternatives --set {program} /usr/sbin/{program}-legacy >/dev/null")
    lab.restart_engine()
    for program in ("iptables", "ip6tables"):
        lab.host.sh(f"update-alternatives --set {program} /usr/sbin/{program}-nft >/dev/null")
    lab.restart_engine()
    given = {"remediate_allow": ["use_one_backend"]}
    before = everything(lab.host)
    said = play(lab.host.name, [role("remediate", **given)], check=True)
    only(before, everything(lab.host), "^$")
    did = play(lab.host.name, [role("remediate", **given)])
    again = play(lab.host.name, [role("remediate", **given)])
    if (said.changed, did.changed, again.changed, did.failed + again.failed) != (1, 1, 0, 0):
        raise Mismatch(f"check {said.text}\nreal {did.text}\nagain {again.text}")
    left = json.loads(lab.host.sh("iptables-legacy-save | grep -c -- '-A DOCKER' || true") or "0")
    if left:
        raise Mismatch(f"{left} rules of the engine's are left in iptables-legacy")
    lab.want("8415:80", "free")
    lab.reaches("out", lab.host.v4, 8410, "live")
