# SPDX-License-Identifier: GPL-3.0-or-later
"""A service of systemd's has the port: stopping its process would not last."""

from labkit import texts
from labkit.scenario import Finding, Lab

SHORT = ("bookworm",)
UNIT = """\
[Service]
ExecStart=/usr/bin/python3 /lab/hold.py 0.0.0.0 8360 stay
Restart=always
RestartSec=0
"""


def found(lab: Lab) -> Finding:
    """The service with the process that it has now."""
    pid = lab.host.sh("systemctl show --property MainPID --value lab-web.service")
    return Finding("unit", f"lab-web.service (pid {pid}) has 0.0.0.0:8360/tcp", ("move_want", "stop_unit"))


def run(lab: Lab) -> None:
    lab.unit("lab-web.service", UNIT)
    lab.until("ss -tlnH 'sport = 8360' | grep -q .")
    lab.want("8360:80", "blocked", found(lab), says=texts.in_use(lab.host, "0.0.0.0", 8360))
    lab.host.sh("systemctl kill -s KILL lab-web.service")
    lab.until("ss -tlnH 'sport = 8360' | grep -q .")
    lab.want("8360:80", "blocked", found(lab))  # it is back
    lab.remedy("stop_unit", "systemctl stop lab-web.service")
    lab.want("8360:80", "free")
