# SPDX-License-Identifier: GPL-3.0-or-later
"""docker_firewall with real packets: who gets in at which published port, before it, with it, and whatever happens."""

import time

from labkit.doors import SILENT, Street
from labkit.play import Module, play
from labkit.scenario import Lab, Mismatch

SHORT = ("sid",)
FOREIGN = "iptables-save | grep -v -E 'DOCKMASTER|^#' | sed -E 's/\\[[0-9:]+\\]//'"

LEFT = (
    "ls -d /etc/dockmaster /run/dockmaster /var/lib/dockmaster /usr/local/sbin/dockmaster* 2>/dev/null || true;"
    " ipset list -n; nft list tables | grep dockmaster || true"
)


def run(lab: Lab) -> None:
    street = Street(lab)
    street.open_shop()
    firewall = Module(lab.host, "docker_firewall", {"default": "deny"})
    lab.later("rm -rf /tmp/payload-docker_firewall")
    street.expect("before", closed=False, seconds=10)
    street.inside("before")
    _foreign_rules(lab)
    foreign = lab.host.sh(FOREIGN)
    did = firewall.promise(street.policy())
    if not did["changed"]:
        raise Mismatch(f"it changed nothing: {did}")
    lab.later("rm -rf /etc/dockmaster")
    _same(foreign, lab.host.sh(FOREIGN), "foreign rules")
    street.expect("with the policy", closed=True)
    street.inside("with the policy")
    _own_addresses(lab, street)
    _said(lab, "present", [])
    _passed_by(lab, street, firewall)
    lab.restart_engine()
    street.expect("after systemctl restart docker", closed=True, seconds=10)
    street.inside("after systemctl restart docker")
    _made_anew(lab, street)
    _published_later(lab, street)
    foreign = lab.host.sh(FOREIGN)
    gone = firewall.promise({"state": "absent"})
    if not gone["changed"]:
        raise Mismatch(f"absent changed nothing: {gone}")
    street.expect("after state: absent", closed=False)
    _said(lab, "absent", [])
    _same(foreign, lab.host.sh(FOREIGN), "foreign rules after state: absent")
    left = lab.host.sh(LEFT)
    if left:
        raise Mismatch(f"state: absent left {left}")


def _foreign_rules(lab: Lab) -> None:
    """What others put into DOCKER-USER: a ban in front, something behind an old trailing RETURN."""
    for rule in (
        "-I DOCKER-USER -s 198.51.100.7/32 -m comment --comment 'f2b \"x\"' -j DROP",
        "-A DOCKER-USER -p tcp --dport 1 -j LOG",
    ):
        lab.host.sh(f"iptables {rule}")
        lab.later(f"iptables {rule.replace('-I', '-D').replace('-A', '-D')}")


def _same(before: str, after: str, what: str) -> None:
    if before != after:
        raise Mismatch(f"{what} differ:\n{before}\n---\n{after}")


def _own_addresses(lab: Lab, street: Street) -> None:
    """A container's own address, from a neighbour that routes to it through the host; engines up to 27 let it in."""
    address = street.shop_address()
    lab.host.client("ip", "route", "replace", address, "via", lab.host.v4)
    try:
        said = street.ask([("tcp", source, address, 80) for source in (street.allowed[0], street.denied[0])])
    finally:
        lab.host.client("ip", "route", "del", address)
    if set(said.values()) != {SILENT}:
        raise Mismatch(f"the container's own address answers: {said}")


def _said(lab: Lab, state: str, troubles: list[str]) -> None:
    """What port_facts tells of the policy."""
    task = {"dockmaster.ports.port_facts": {"sections": ["published_policy"]}, "register": "gathered"}
    found = play(lab.host.name, [task]).results["gathered"]["ansible_facts"]["ports"]["published_policy"]
    if not found or (found["state"], found["troubles"]) != (state, troubles):
        raise Mismatch(f"port_facts was to say {state}, {troubles}: {found}")


def _passed_by(lab: Lab, street: Street, firewall: Module) -> None:
    """Without its service nobody puts a jump back that is gone; the module puts both right."""
    lab.host.sh("systemctl stop dockmaster-firewall; iptables -D DOCKER-USER -j DOCKMASTER")
    _said(lab, "jump_missing", ["dockmaster-firewall.service does not run"])
    did = firewall(street.policy())
    if (did["status"], did["open_at"]) != ("jump_missing", ["DOCKER-USER of iptables"]):
        raise Mismatch(f"the module did not see that the jump was missing: {did}")
    _said(lab, "present", [])


def _made_anew(lab: Lab, street: Street) -> None:
    """The container comes back with another address, and then on another network."""
    old = street.shop_address()
    lab.host.sh("docker rm -f shop")
    lab.container("filler")
    street.run_shop()
    if street.shop_address() == old:
        raise Mismatch("the container was to have another address")
    street.expect("after the container was made anew", closed=True, seconds=3)
    lab.host.sh("docker rm -f shop; docker network create later")
    lab.later("docker rm -f shop >/dev/null 2>&1; docker network rm later")
    street.run_shop("--network", "later")
    street.expect("on a network that was made after the policy", closed=True, seconds=3)
    street.inside("on a network that was made after the policy", "later")


def _published_later(lab: Lab, street: Street) -> None:
    """A port that is published after the policy was laid out is closed, on IPv6 as soon as its proxy is seen."""
    lab.container("late", "-p", "9400:80")
    asks = [("tcp", street.denied[":" in address], address, 9400) for address in (lab.host.v4, lab.host.v6)]
    until = time.monotonic() + 3
    while set((said := street.ask(asks)).values()) != {SILENT}:
        if time.monotonic() > until:
            raise Mismatch(f"a port published later answers: {said}")
