# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The two units of systemd that run the program on the host (`program.py`).

The first lays the rules before the engine starts its containers, so that nothing is open while a host boots. The second
runs from then on (`watch.py`): it outlives the engine, because under live-restore its rules outlive it too.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import files
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.engine import Engine
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.system import FirewallError, System
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.view import View

EARLY, WATCH = "dockmaster-firewall-early.service", "dockmaster-firewall.service"
OTHERS = (
    "firewalld.service ufw.service nftables.service netfilter-persistent.service iptables.service ip6tables.service"
)

_DEFAULT_UNIT = "docker.service"
_UNIT = re.compile(r"/([^/]+\.service)$", re.MULTILINE)

_EARLY = """\
# Written by Ansible (dockmaster.ports.docker_firewall). Changes are lost.
[Unit]
Description=Lay the policy for Docker's published ports before Docker starts (dockmaster.ports)
ConditionPathExists={policy}
After={others}
Before={engine}
StartLimitIntervalSec=0

[Service]
Type=oneshot
ExecStart={python} -I {program} apply
TimeoutStartSec=120

[Install]
WantedBy={engine}
"""

_WATCH = """\
# Written by Ansible (dockmaster.ports.docker_firewall). Changes are lost.
[Unit]
Description=Keep the policy for Docker's published ports (dockmaster.ports)
ConditionPathExists={policy}
After={engine} {others}
ReloadPropagatedFrom={engine} {others}
StartLimitIntervalSec=0

[Service]
Type=notify
ExecStart={python} -I {program} watch
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=1

[Install]
WantedBy={engine} multi-user.target
"""


def engines_unit(system: System, engine: Engine) -> str:
    """The unit that runs the engine. Source: cgroups(7)."""
    if engine.pid is None:
        return _DEFAULT_UNIT
    found = _UNIT.search(system.read(f"/proc/{engine.pid}/cgroup"))
    return found[1] if found else _DEFAULT_UNIT


def texts(system: System, engine: Engine, python: str) -> t.Dict[str, str]:
    """The units, by their paths."""
    words = {
        "policy": files.POLICY,
        "others": OTHERS,
        "engine": engines_unit(system, engine),
        "python": python,
        "program": files.PROGRAM,
    }
    return {f"{files.UNITS}/{EARLY}": _EARLY.format(**words), f"{files.UNITS}/{WATCH}": _WATCH.format(**words)}


def unsettled(system: View) -> bool:
    """Whether a unit is not enabled, or the second one does not run."""
    return bool(troubles(system))


def troubles(system: View) -> t.List[str]:
    """What the units lack to keep a policy: "dockmaster-firewall.service is not enabled", ..."""
    done = system.run("systemctl", "show", "--property=UnitFileState,ActiveState", EARLY, WATCH)
    said = [*done.out.strip().split("\n\n"), "", ""]
    found = [f"{unit} is not enabled" for unit, state in zip((EARLY, WATCH), said) if "=enabled" not in state]
    return found + ([] if "ActiveState=active" in said[1] else [f"{WATCH} does not run"])


def start(system: System) -> None:
    """Have systemd read the units again, start them at boot, and the second one now, anew. Raises FirewallError."""
    _systemctl(system, "daemon-reload")
    _systemctl(system, "enable", EARLY, WATCH)
    _systemctl(system, "restart", WATCH)


def stop(system: System, there: t.Sequence[str]) -> None:
    """Those that are there (systemctl refuses others) run no more, nor start at boot. Raises FirewallError."""
    _systemctl(system, "disable", "--now", *there)


def forget(system: System) -> None:
    """Have systemd read its units again after they are gone. Raises FirewallError."""
    _systemctl(system, "daemon-reload")
    system.run("systemctl", "reset-failed", EARLY, WATCH)  # fails if neither has failed, which is as good


def _systemctl(system: System, *words: str) -> None:
    done = system.run("systemctl", *words)
    if done.rc != 0:
        raise FirewallError(f"systemctl {' '.join(words)} failed: {done.err.strip()}")
