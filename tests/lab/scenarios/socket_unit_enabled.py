# SPDX-License-Identifier: GPL-3.0-or-later
"""A socket unit is enabled and not started: it has nothing now, and takes the port at the next boot."""

from labkit.scenario import Finding, Lab

SHORT = ("sid",)
SOCKET = """\
[Socket]
ListenStream=8350
Accept=yes
[Install]
WantedBy=sockets.target
"""


def run(lab: Lab) -> None:
    lab.file("/etc/systemd/system/lab-echo@.service", "[Service]\nExecStart=/bin/cat\nStandardInput=socket\n")
    lab.file("/etc/systemd/system/lab-echo.socket", SOCKET)
    lab.later("systemctl disable lab-echo.socket; systemctl daemon-reload")
    lab.host.sh("systemctl daemon-reload; systemctl enable lab-echo.socket")
    found = Finding("socket_unit", "lab-echo.socket takes *:8350/tcp when it starts", ("move_want", "stop_unit"))
    lab.want("8350:80", "at_risk", found)
    lab.remedy("stop_unit", "systemctl disable lab-echo.socket")
    lab.want("8350:80", "free")
