# SPDX-License-Identifier: GPL-3.0-or-later
"""systemd itself listens for a service that starts with the first client, as sshd.socket does."""

from labkit import texts
from labkit.scenario import Finding, Lab

SHORT = ("trixie",)
SOCKET = """\
[Socket]
ListenStream=8340
Accept=yes
[Install]
WantedBy=sockets.target
"""
SERVICE = """\
[Service]
ExecStart=/bin/cat
StandardInput=socket
"""
REMEDIES = ("move_want", "stop_unit")


def run(lab: Lab) -> None:
    lab.unit("lab-echo@.service", SERVICE, start=False)
    lab.unit("lab-echo.socket", SOCKET)
    found = Finding("socket_unit", "lab-echo.socket has *:8340/tcp", REMEDIES)
    lab.want("8340:80", "blocked", found, says=texts.in_use(lab.host, "0.0.0.0", 8340))
    lab.remedy("stop_unit", "systemctl stop lab-echo.socket")
    lab.want("8340:80", "free")
