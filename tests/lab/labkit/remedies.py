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


def act(scene: Scene, remedy: str, params: Params, client: str = "docker") -> None:
    """Carry a remedy out. client: of the engine it is about. Raises Mismatch if the lab does not know it."""
    do = ACTIONS.get(remedy)
    if do is None:
        raise Mismatch(f"nothing is known of remedy {remedy}")
    do(scene, params, client)


def _stop_process(scene: Scene, params: Params, client: str) -> None:
    scene.host.sh(shlex.join(["python3", "-c", STOP_PROCESS, str(params["pid"]), str(params["started"])]))


def _stop_unit(scene: Scene, params: Params, client: str) -> None:
    unit = shlex.quote(params["unit"])
    scene.host.sh(f"systemctl stop {unit}; systemctl disable --quiet {unit} 2>/dev/null || true")


def _stop_container(scene: Scene, params: Params, client: str) -> None:
    scene.host.sh(f"{client} stop {params['container']}")


def _remove_container(scene: Scene, params: Params, client: str) -> None:
    scene.host.sh(f"{client} rm --force {params['container']}")


def _remove_orphan_rules(scene: Scene, params: Params, client: str) -> None:
    for rule in params["rules"]:
        program = {"ip": "iptables", "ip6": "ip6tables"}[rule["family"]] + rule["backend"].replace("iptables", "")
        spec = rule["text"].replace("-A ", "-D ", 1)
        scene.host.sh(f"{program} --wait -t {rule['table']} {spec}")


def _restart_engine(scene: Scene, params: Params, client: str) -> None:
    scene.host.sh(RESTART)


def _reserve_port(scene: Scene, params: Params, client: str) -> None:
    scene.host.sh(f"sysctl -qw net.ipv4.ip_local_reserved_ports={','.join(params['ports'])}")


def _fix_address(scene: Scene, params: Params, client: str) -> None:
    scene.host.sh(f"ip addr add {params['address']} dev lo")


def _lower_unprivileged_port(scene: Scene, params: Params, client: str) -> None:
    scene.host.sh(f"sysctl -qw net.ipv4.ip_unprivileged_port_start={params['start']}")


def _use_one_backend(scene: Scene, params: Params, client: str) -> None:
    """The engine's own program of rules is iptables-nft on these hosts: what the other holds is of former times."""
    for table in ("nat", "filter", "raw", "mangle"):
        scene.host.sh(f"if grep -qx {table} /proc/net/ip_tables_names; then iptables-legacy -t {table} -F; fi")
        scene.host.sh(f"if grep -qx {table} /proc/net/ip_tables_names; then iptables-legacy -t {table} -X; fi")
    scene.host.sh(RESTART)


ACTIONS: dict[str, t.Callable[[Scene, Params, str], None]] = {
    "stop_process": _stop_process,
    "stop_unit": _stop_unit,
    "stop_container": _stop_container,
    "remove_container": _remove_container,
    "remove_orphan_rules": _remove_orphan_rules,
    "restart_engine": _restart_engine,
    "reserve_port": _reserve_port,
    "fix_address": _fix_address,
    "lower_unprivileged_port": _lower_unprivileged_port,
    "use_one_backend": _use_one_backend,
}
