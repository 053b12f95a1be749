# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Stops a systemd unit and keeps it from starting at boot, with the sockets that would start it again.

A socket that is stopped leaves its service with the port that it was handed: they go together, either way round.
Source: systemd.unit(5), systemd.socket(5); `systemctl show` of systemd 252 to 258.
"""

from __future__ import annotations

import os
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._holder.process import Refused, ancestors
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.processes import ProcessReader

_DISABLE = {"enabled": ("disable",), "enabled-runtime": ("disable", "--runtime")}
_DRAGS = ("RequiredBy", "RequisiteOf", "BoundBy", "ConsistsOf")  # who stops along with a unit
_PROPERTIES = ("Id", "LoadState", "ActiveState", "UnitFileState", "TriggeredBy", "Triggers", *_DRAGS)
# Without these nothing works, or nobody gets in to see it
_NEEDED = (
    "containerd.service", "dbus.service", "dbus.socket", "dbus-broker.service", "init.scope", "networking.service",
    "NetworkManager.service", "ssh.service", "ssh.socket", "sshd.service", "sshd.socket", "dropbear.service",
)  # fmt: skip
_SCRIPT = "starts again at boot: it is a script of /etc/init.d, for people to disable"
_ENGINES = ("docker.service", "docker.socket")


class NotStopped(ValueError):
    """systemd could not do it. The message has its words."""


@dataclass(frozen=True)
class Unit:
    """As systemd has it. active, state: its ActiveState and UnitFileState. drags: units that stop along with it."""

    name: str
    active: str
    state: str = ""
    drags: t.Tuple[str, ...] = ()

    @property
    def runs(self) -> bool:
        return self.active not in ("inactive", "failed")

    @property
    def enabled(self) -> bool:
        return self.state in _DISABLE


def together(host: Host, name: str) -> t.Tuple[Unit, ...]:
    """The unit and what belongs to it, sockets first; empty where there is no such unit. Raises Unseen."""
    told = _show(host, name)
    if told["LoadState"] == "not-found" and told["ActiveState"] == "inactive":
        return ()
    sockets = [one for one in told["TriggeredBy"].split() if one.endswith(".socket")]
    triggered = [one for one in told["Triggers"].split() if name.endswith(".socket") and "@." not in one]
    names = dict.fromkeys([*sockets, told["Id"] or name, *triggered])
    units = [_unit(one, _show(host, one)) for one in names]
    return tuple(sorted(units, key=lambda unit: not unit.name.endswith(".socket")))


def refuse(host: Host, units: t.Sequence[Unit]) -> None:
    """Raises Refused for what the host or this run needs."""
    reader = ProcessReader(host, command_lines=False)
    mine = {reader.owner(pid)[0].unit for pid in ancestors(host, os.getpid())}
    for name in dict.fromkeys(name for unit in units for name in (unit.name, *unit.drags)):
        if name in mine:
            raise Refused(f"{name} is one that this very run needs")
        if name in _ENGINES:
            raise Refused(f"{name} is the engine's own: restart the engine instead")
        if name == "systemd-resolved.service":
            raise Refused(f"{name} resolves the host's names: release its stub instead (module resolved_stub)")
        if name in _NEEDED or name.startswith(("systemd-", "user@")):
            raise Refused(f"{name} is one that the host needs: it is never stopped like this")


def told(units: t.Sequence[Unit]) -> t.List[str]:
    """What stopping them does, a line each; empty where nothing is to be done."""
    lines = [f"{unit.name} stops" for unit in units if unit.runs]
    lines += [f"{name} stops with it" for unit in units if unit.runs for name in unit.drags]
    lines += [f"{unit.name} is disabled" for unit in units if unit.enabled]
    return lines + [f"{unit.name} {_SCRIPT}" for unit in units if unit.runs and unit.state == "generated"]


def stop(host: Host, units: t.Sequence[Unit]) -> None:
    """Raises NotStopped, Unseen."""
    _control(host, ("stop",), [unit.name for unit in units if unit.runs])
    for state, verb in _DISABLE.items():
        _control(host, verb, [unit.name for unit in units if unit.state == state])


def _control(host: Host, verb: t.Tuple[str, ...], names: t.Sequence[str]) -> None:
    if not names:
        return
    done = host.run("systemctl", *verb, "--", *names)
    if done.rc:
        raise NotStopped(f"systemctl {' '.join((*verb, *names))}: {(done.err or done.out).strip()}")


def _show(host: Host, name: str) -> t.Dict[str, str]:
    shown = host.run("systemctl", "show", f"--property={','.join(_PROPERTIES)}", "--", name)
    if shown.rc:
        raise NotStopped(f"systemctl show {name}: {shown.err.strip()}")
    lines = (line.partition("=") for line in shown.out.splitlines())
    found = {key: value for key, _sign, value in lines}
    return {key: found.get(key, "") for key in _PROPERTIES}


def _unit(name: str, shown: t.Mapping[str, str]) -> Unit:
    drags = tuple(one for key in _DRAGS for one in shown[key].split() if not one.endswith(".target"))
    return Unit(name, shown["ActiveState"], shown["UnitFileState"], tuple(dict.fromkeys(drags)))
