# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to a host over ssh: through the engine's namespace, with the run's key."""

from __future__ import annotations

import shlex
from pathlib import Path

from . import engine, network, places


def arguments(run_dir: Path) -> str:
    """Options of ssh: through the engine's namespace, one connection kept for all that is asked."""
    proxy = " ".join(engine.inside("nc", "%h", "%p"))
    options = {
        "ProxyCommand": f"'{proxy}'",
        "StrictHostKeyChecking": "no",
        "UserKnownHostsFile": "/dev/null",
        "LogLevel": "ERROR",
        "ConnectTimeout": "5",
        "ServerAliveInterval": "5",
        "ControlMaster": "auto",
        "ControlPersist": "120s",
        "ControlPath": f"{run_dir}/%C",
    }
    return " ".join(f"-o {key}={value}" for key, value in options.items())


def command(net: network.Network) -> list[str]:
    """The command line that the words of a remote command are added to."""
    where = places.run_dir()
    return ["ssh", "-i", str(where / "id"), *shlex.split(arguments(where)), f"root@{net.v4(network.HOST)}"]
