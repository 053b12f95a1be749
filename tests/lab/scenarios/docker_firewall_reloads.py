# SPDX-License-Identifier: GPL-3.0-or-later
"""docker_firewall beside ufw and firewalld: reloads, restarts, flushed chains and a reboot leave it in force."""

import time

from labkit.doors import Street
from labkit.play import Module
from labkit.remote import HostError
from labkit.scenario import Lab

SHORT = ()
RENEW = True  # both leave chains of their own behind


def run(lab: Lab) -> None:
    street = Street(lab)
    street.open_shop()
    firewall = Module(lab.host, "docker_firewall", {"default": "deny"})
    firewall(street.policy())
    street.expect("with the policy", closed=True, seconds=10)
    lab.host.sh("ufw default allow incoming; ufw --force enable")
    _still(lab, street, "ufw reload")
    lab.host.sh("ufw --force disable")
    street.expect("after ufw disable", closed=True, seconds=5)
    lab.host.sh("systemctl start firewalld; firewall-cmd --zone=trusted --change-interface=eth0 --permanent")
    lab.host.sh("firewall-cmd --reload")
    lab.restart_engine()
    _still(lab, street, "firewall-cmd --reload")
    _still(lab, street, "systemctl restart firewalld")
    lab.host.sh("systemctl stop firewalld")
    # on some engines nothing is left of Docker's rules, only its proxies
    street.denies("after systemctl stop firewalld", seconds=10)
    lab.restart_engine()
    street.expect("after the engine has put its rules back", closed=True, seconds=10)
    lab.host.sh("iptables -F; ip6tables -F; iptables -X 2>/dev/null || true")
    street.denies("after iptables -F", seconds=10)
    lab.restart_engine()
    street.expect("after the engine has put its rules back again", closed=True, seconds=10)
    _reboot(lab)
    street.expect("after a reboot", closed=True, seconds=40)
    street.inside("after a reboot")
    firewall = Module(lab.host, "docker_firewall", {"default": "deny"})  # the host forgets what is in /tmp
    if not firewall({"state": "absent"})["changed"]:
        raise AssertionError("absent changed nothing")
    street.expect("after state: absent", closed=False)


def _still(lab: Lab, street: Street, command: str) -> None:
    lab.host.sh(command)
    street.expect(f"after {command}", closed=True, seconds=10)
    street.inside(f"after {command}")


def _reboot(lab: Lab) -> None:
    """Until systemd has started all that it starts at a boot: a host that answers may have begun a moment ago."""
    booted = lab.host.sh("stat -c %Z /proc/1")
    lab.host.try_sh("systemctl reboot")
    lab.host.hang_up()
    until = time.monotonic() + 180
    while time.monotonic() < until:
        said = lab.host.try_sh("stat -c %Z /proc/1; systemctl is-system-running --wait", timeout=120).out.split()
        if said[1:] and said[0] != booted and said[1] in ("running", "degraded"):
            return
        time.sleep(0.5)
    raise HostError(f"{lab.host.name} did not come back")
