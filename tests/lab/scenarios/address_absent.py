# SPDX-License-Identifier: GPL-3.0-or-later
"""The host does not have the address."""

from labkit.scenario import Finding, Lab

SHORT = ("trixie",)


def run(lab: Lab) -> None:
    found = Finding("address_absent", "this host does not have the address 203.0.113.9", ("fix_address",))
    lab.want("203.0.113.9:8100:80", "blocked", found, says="cannot assign requested address")
    lab.later("ip addr del 203.0.113.9/32 dev lo 2>/dev/null || true")
    lab.remedy("fix_address", "ip addr add 203.0.113.9 dev lo")
    lab.want("203.0.113.9:8100:80", "free", reach=("in tcp 203.0.113.9 8100",))
