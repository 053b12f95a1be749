# SPDX-License-Identifier: GPL-3.0-or-later
"""A socket is bound and does not listen: it refuses the engine, and neither `ss -l` nor /proc/net/tcp shows it."""

from labkit import texts
from labkit.scenario import Finding, Lab

SHORT = ("trixie",)


def run(lab: Lab) -> None:
    holder = lab.hold("0.0.0.0", 8110, "nolisten")
    found = Finding("process", f"python3 (pid {holder.pid}) has 0.0.0.0:8110/tcp", ("move_want", "stop_process"))
    lab.want("8110:80", "blocked", found, says=texts.in_use(lab.host, "0.0.0.0", 8110))
    lab.remedy("stop_process", f"kill -9 {holder.pid}")
    lab.want("8110:80", "free")
    lab.hold(
        "0.0.0.0", 8111, "nolisten", "reuse"
    )  # two that set SO_REUSEADDR bind together, and the first to listen has it
    lab.want("8111:80", "free")
