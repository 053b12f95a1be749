# SPDX-License-Identifier: GPL-3.0-or-later
"""Does on a host what a finding offers, by the finding's data alone: its remedies must hold all that acting needs.

What a remedy changes for good is put back by the scenario.
"""

from __future__ import annotations

import shlex
import typing as t

from .errors import Mismatch
from .scene import RESTART, Scene

Params = t.Mapping[str, t.Any]

# The pid is believed if it began when the finding says, in seconds since the epoch: else it is a stranger.
STOP_PROCESS = """\
import os, sys, time
pid, started = int(sys.argv[1]), float(sys.argv[2])
def began():
    try:
        ticks = int(open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[19])
    except OSError:
        return None
    boot = next(int(line.split()[1]) for line in open("/proc/stat") if line.startswith("btime"))
    return boot + ticks / os.sysconf("SC_CLK_TCK")
assert began() is not None and abs(began() - started) < 1.1, (began(), started)
os.kill(pid, 9)
while began() is not None:
    time.sleep(0.05)
"""


# What one command does: {client} is the engine's, all else is of the finding
COMMANDS = {
    "stop_unit": "systemctl stop {unit}; systemctl disable --quiet {unit} 2>/dev/null || true",
    "stop_container": "{client} stop {container}",
    "remove_container": "{client} rm --force {container}",
    "restart_engine": RESTART,
    "reserve_port": "sysctl -qw net.ipv4.ip_local_reserved_ports={ports}",
    "fix_address": "ip addr add {address} dev lo",
    "lower_unprivileged_port": "sysctl -qw net.ipv4.ip_unprivileged_port_start={start}",
}


def act(scene: Scene, remedy: str, params: Params, client: str = "docker") -> None:
    """Carry a remedy out. client: of the engine it is about. Raises Mismatch if the lab does not know it."""
    if remedy in COMMANDS:
        words = {name: shlex.quote(_text(value)) for name, value in params.items()}
        scene.host.sh(COMMANDS[remedy].format(client=client, **words))
    elif remedy in ACTIONS:
        ACTIONS[remedy](scene, params)
    else:
        raise Mismatch(f"nothing is known of remedy {remedy}")


def _text(value: t.Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _stop_process(scene: Scene, params: Params) -> None:
    scene.host.sh(shlex.join(["python3", "-c", STOP_PROCESS, str(params["pid"]), str(params["started"])]))


def _remove_orphan_rules(scene: Scene, params: Params) -> None:
    for rule in params["rules"]:
        program = {"ip": "iptables", "ip6": "ip6tables"}[rule["family"]] + rule["backend"].replace("iptables", "")
        spec = rule["text"].replace("-A ", "-D ", 1)
        scene.host.sh(f"{program} --wait -t {rule['table']} {spec}")


def _use_one_backend(scene: Scene, params: Params) -> None:
    """The engine's own program of rules is iptables-nft on these hosts: what the other holds is of former times."""
    for table in ("nat", "filter", "raw", "mangle"):
        emptied = f"iptables-legacy -t {table} -F && iptables-legacy -t {table} -X"
        scene.host.sh(f"if grep -qx {table} /proc/net/ip_tables_names; then {emptied}; fi")
    scene.host.sh(RESTART)


ACTIONS: dict[str, t.Callable[[Scene, Params], None]] = {
    "stop_process": _stop_process,
    "remove_orphan_rules": _remove_orphan_rules,
    "use_one_backend": _use_one_backend,
}
