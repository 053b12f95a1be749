# SPDX-License-Identifier: GPL-3.0-or-later
"""docker_firewall with rollback_after: confirmed over a new connection, or the old rules are back, whoever was lost."""

import time

from labkit import ask
from labkit.doors import Street
from labkit.play import Module
from labkit.scenario import Lab, Mismatch

SHORT = ("bookworm",)
SECONDS = 8


def run(lab: Lab) -> None:
    street = Street(lab)
    street.open_shop()
    firewall = Module(lab.host, "docker_firewall", {"default": "deny"})
    lab.later("rm -rf /tmp/payload-docker_firewall")
    lab.later("! test -x /usr/local/sbin/dockmaster-firewall")
    _nobody_confirms(lab, street, firewall, closed=False)
    _the_controller_confirms(lab, street)
    _nobody_confirms(lab, street, firewall, closed=True)
    _no_new_connection(lab, street)
    firewall({"state": "absent"})
    street.expect("after state: absent", closed=False)


def _nobody_confirms(lab: Lab, street: Street, firewall: Module, closed: bool) -> None:
    """The controller is gone when the module returns: no rules were there before, or those of `street.policy`."""
    other = {**street.policy(), "rules": []} if closed else street.policy()
    did = firewall({**other, "rollback_after": SECONDS})
    if not did["changed"] or did["rollback"]["confirmed"]:
        raise Mismatch(f"it was to be on trial: {did}")
    street.denies("on trial")
    time.sleep(SECONDS)
    street.expect("after nobody confirmed", closed=closed, seconds=6)
    if not closed:
        left = lab.host.sh("ls -d /etc/dockmaster /run/dockmaster /var/lib/dockmaster 2>/dev/null || true")
        if left:
            raise Mismatch(f"after nobody confirmed the first policy there is {left}")


def _the_controller_confirms(lab: Lab, street: Street) -> None:
    did = ask.module(lab.host.name, "docker_firewall", {**street.policy(), "rollback_after": 60})
    if not did["changed"] or not did["rollback"]["confirmed"]:
        raise Mismatch(f"it was to be confirmed: {did}")
    lab.until("! systemctl list-units --all --plain --no-legend | grep dockmaster-firewall-rollback")
    street.expect("after it was confirmed, and nobody is left to take it back", closed=True)
    again = ask.module(lab.host.name, "docker_firewall", {**street.policy(), "rollback_after": SECONDS})
    if again["changed"] or "rollback" in again:
        raise Mismatch(f"the second run: {again}")


def _no_new_connection(lab: Lab, street: Street) -> None:
    """Somebody else's rule lets no new connection of the controller in; the one that stands goes on."""
    lab.host.sh("true")
    rule = "INPUT -p tcp --dport 22 -m conntrack --ctstate NEW -j DROP"
    lab.host.sh(f"iptables -A {rule}")
    try:
        did = ask.module(lab.host.name, "docker_firewall", {**street.policy(), "rules": [], "rollback_after": SECONDS})
    finally:
        lab.host.sh(f"iptables -D {rule}")
    if not did["failed"] or f"were not confirmed: the old ones come back within {SECONDS} s" not in did["msg"]:
        raise Mismatch(f"it was not to be confirmed: {did}")
    time.sleep(SECONDS)
    street.expect("after no new connection came", closed=True, seconds=6)
