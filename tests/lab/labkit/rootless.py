# SPDX-License-Identifier: GPL-3.0-or-later
"""A user's own engine on a host that has the packages for it."""

from __future__ import annotations

from .scene import Scene

HOME = "/home/lab/.config/systemd/user"
UNIT = """\
[Service]
Environment=PATH=/usr/share/docker.io/contrib:/usr/sbin:/usr/bin:/sbin:/bin
ExecStart=/usr/share/docker.io/contrib/dockerd-rootless.sh --storage-driver=vfs
Delegate=yes
"""


def start(scene: Scene) -> tuple[str, str]:
    """Run the engine as a unit of user `lab`; the command of its client, and the path of its socket.

    The host has to be made anew after it.
    """
    uid = scene.host.sh("id -u lab")
    socket = f"/run/user/{uid}/docker.sock"
    client = f"docker -H unix://{socket}"
    scene.host.sh("loginctl enable-linger lab")
    scene.until(f"systemctl is-active user@{uid} && test -S /run/user/{uid}/bus")
    scene.file(f"{HOME}/docker.service", UNIT)
    control = f"XDG_RUNTIME_DIR=/run/user/{uid} systemctl --user"
    scene.host.sh(f"chown -R lab: /home/lab/.config; su - lab -c '{control} daemon-reload && {control} start docker'")
    scene.until(f"{client} version", 60)
    scene.host.sh(f"{client} load -q -i /srv/bb.tar")
    return client, socket
