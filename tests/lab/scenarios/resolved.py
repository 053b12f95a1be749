# SPDX-License-Identifier: GPL-3.0-or-later
"""systemd-resolved's stub has 127.0.0.53:53 and 127.0.0.54:53: no wildcard, yet every address of the host."""

from labkit import texts
from labkit.scenario import Finding, Lab

SHORT = ("bookworm", "sid")
REMEDIES = ("move_want", "bind_specific_address", "release_resolved_stub", "stop_unit")


def run(lab: Lab) -> None:
    pid = lab.host.sh("systemctl show --property MainPID --value systemd-resolved")
    tcp = Finding("unit", f"systemd-resolved.service (pid {pid}) has 127.0.0.53:53/tcp, 127.0.0.54:53/tcp", REMEDIES)
    lab.want("53:53", "blocked", tcp, says=texts.in_use(lab.host, "0.0.0.0", 53, target=53))
    lab.want(f"{lab.host.v4}:53:53/udp", "free")
    lab.want(f"{lab.host.v4}:53:53", "free")
    udp = Finding("unit", f"systemd-resolved.service (pid {pid}) has 127.0.0.53:53/udp, 127.0.0.54:53/udp", REMEDIES)
    if lab.host.version < (28,):
        lab.want("53:53/udp", "blocked", udp, says=texts.in_use(lab.host, "0.0.0.0", 53, "udp", target=53))
    else:  # Engine 28 shares a UDP port with whoever set SO_REUSEADDR, as resolved does: each address has one of them
        lab.want("53:53/udp", "diverted", udp, reach=(f"out udp {lab.host.v4} 53", "in udp 127.0.0.53 53"))
    lab.later("systemctl restart systemd-resolved")
    lab.file(
        "/etc/systemd/resolved.conf.d/lab.conf", "[Resolve]\nDNSStubListener=no\n"
    )  # what release_resolved_stub does
    lab.host.sh("systemctl restart systemd-resolved")
    lab.want("53:53/udp", "free")
