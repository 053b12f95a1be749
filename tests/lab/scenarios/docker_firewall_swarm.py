# SPDX-License-Identifier: GPL-3.0-or-later
"""docker_firewall and a service of swarm's routing mesh: its clients meet the policy, and its rules are no orphans."""

from labkit import ask
from labkit.doors import SILENT, Street
from labkit.play import Module
from labkit.scenario import Lab, Mismatch

SHORT = ()
VIRTUAL = True  # as swarm_ingress
PORT = 8416


def run(lab: Lab) -> None:
    lab.host.sh(f"docker swarm init --advertise-addr {lab.host.v4}")
    lab.service("shop", f"{PORT}:80")
    street = Street(lab)
    _expect(lab, street, "before", denied="shop")
    orphans = ask.module(lab.host.name, "docker_orphan_rules", {"pause": 1}, check=True)
    if orphans["failed"] or orphans["changed"]:
        raise Mismatch(f"rules of the routing mesh are taken for orphans: {orphans}")
    firewall = Module(lab.host, "docker_firewall", {"default": "deny"})
    rule = {"ports": [str(PORT)], "action": "allow", "sources": list(street.allowed)}
    firewall({"default": "deny", "rules": [rule]})
    _expect(lab, street, "with the policy", denied=SILENT)
    lab.restart_engine()
    lab.until("docker ps -q --filter label=com.docker.swarm.service.name=shop | grep -q .", 120)
    _expect(lab, street, "after systemctl restart docker", denied=SILENT)
    firewall({"state": "absent"})
    _expect(lab, street, "after state: absent", denied="shop")


def _expect(lab: Lab, street: Street, when: str, denied: str) -> None:
    """IPv4 alone: on IPv6 the mesh has an engine's socket that nobody reads from, and no service behind it."""
    lab.reaches("out", lab.host.v4, PORT, "shop")
    lab.reaches("in", "127.0.0.1", PORT, "shop")
    asked = ("tcp", street.denied[0], lab.host.v4, PORT)
    said = street.ask([asked], 5.0)[asked]
    if said != denied:
        raise Mismatch(f"{when}: {street.denied[0]} gets {said!r}, not {denied!r}")
