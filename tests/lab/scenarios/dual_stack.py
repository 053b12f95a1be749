# SPDX-License-Identifier: GPL-3.0-or-later
"""One socket on [::] takes IPv4 as well; one with IPV6_V6ONLY leaves IPv4 free."""

from labkit import texts
from labkit.scenario import Finding, Lab

SHORT = ("bookworm", "sid")
REMEDIES = ("move_want", "stop_process")


def run(lab: Lab) -> None:
    both = lab.hold("::", 8200, "dual")
    found = Finding("process", f"python3 (pid {both.pid}) has *:8200/tcp", REMEDIES)
    lab.want("8200:80", "blocked", found, says=texts.in_use(lab.host, "0.0.0.0", 8200))
    narrow = Finding("process", f"python3 (pid {both.pid}) has 127.0.0.1:8200/tcp", REMEDIES)
    lab.want("127.0.0.1:8200:80", "blocked", narrow, says=texts.in_use(lab.host, "127.0.0.1", 8200))
    lab.remedy("stop_process", f"kill -9 {both.pid}")
    lab.want("8200:80", "free")
    six = lab.hold("::", 8201)
    found = Finding("process", f"python3 (pid {six.pid}) has [::]:8201/tcp", REMEDIES)
    lab.want("8201:80", "blocked", found, says=texts.in_use(lab.host, "::", 8201))
    lab.want("0.0.0.0:8201:80", "free")
