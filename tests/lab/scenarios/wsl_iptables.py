# SPDX-License-Identifier: GPL-3.0-or-later
"""Role wsl_iptables: it acts on WSL2, elsewhere only if it is told to, and nowhere if nothing is wrong."""

from labkit.play import play, promise, role
from labkit.scenario import Lab, Mismatch

RENEW = True  # looking into legacy tables makes them
NOT_ON = dict.fromkeys(("bookworm", "sid"), "scenario iptables_backend proves the module there")


def run(lab: Lab) -> None:
    lab.container("web", "-p", "8165:80", "--restart", "always")
    for variables in ({}, {"wsl_iptables_everywhere": True}):
        done = promise(lab.host, [role("wsl_iptables", **variables)])
        if done.changed or "Nothing to do: " not in done.text:
            raise Mismatch(f"{variables}: there was nothing to do: {done.text}")
    alternatives = "/usr/local/sbin/update-alternatives"  # a distribution that has none
    lab.host.sh(f"printf '#!/bin/sh\\nexit 2\\n' > {alternatives}; chmod +x {alternatives}")
    lab.later(f"rm -f {alternatives}")
    if promise(lab.host, [role("wsl_iptables")]).failed:
        raise Mismatch("how a host that is not WSL2 chooses its iptables was to be its own affair")
    lab.host.sh(f"rm {alternatives}")
    for program in ("iptables", "ip6tables"):
        lab.host.sh(f"update-alternatives --set {program} /usr/sbin/{program}-legacy")
    lab.restart_engine()
    if promise(lab.host, [role("wsl_iptables")]).changed:
        raise Mismatch("it was not to act on a host that is not WSL2")
    release = "/proc/sys/kernel/osrelease"  # what tells WSL2 apart
    lab.host.sh(f"echo 5.15.153.1-microsoft-standard-WSL2 > /root/release; mount --bind /root/release {release}")
    lab.later(f"umount {release}")
    said = play(lab.host.name, [role("wsl_iptables")], check=True)
    did = play(lab.host.name, [role("wsl_iptables")])
    again = play(lab.host.name, [role("wsl_iptables")])
    if (said.changed, did.changed, again.changed) != (1, 1, 0):
        raise Mismatch(f"check {said.text}\nreal {did.text}\nagain {again.text}")
    lab.reaches("out", lab.host.v4, 8165, "web")
