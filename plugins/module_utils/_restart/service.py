# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""How this host restarts its engine: through systemd, OpenRC or an init script."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.launch import Place
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Output, Unseen

_NEWS = 12  # lines of the engine's log that are worth reading
_FATAL = ("level=fatal", "failed to start daemon", "unable to configure", "level=error")


class Failed(ValueError):
    """The service manager could not do it. The message has the engine's own last words."""


class Refused(ValueError):
    """The engine was not touched. The message says why."""


@dataclass(frozen=True)
class Service:
    """manager: systemd, openrc or sysv. name: of the unit or script."""

    manager: str
    name: str
    place: Place

    def restart(self, host: Host) -> None:
        """systemd refuses the fourth start within a minute (StartLimitBurst=3): its count is reset.

        An engine that hangs while it starts is waited for by systemd for ever: that is a failure like any other.
        Raises Failed.
        """
        command = self._command("restart")
        try:
            if self.manager == "systemd":
                host.run(*self.place.systemctl("reset-failed", self.name))
            done = host.run(*command)
        except Unseen as exc:
            raise Failed(f"{' '.join(command)}: {exc.why}: {self.news(host)}") from exc
        if done.rc:
            raise Failed(f"{' '.join(command)}: {self.news(host, done)}")

    def _command(self, verb: str) -> t.Tuple[str, ...]:
        if self.manager == "systemd":
            return self.place.systemctl(verb, self.name)
        return ("rc-service", self.name, verb) if self.manager == "openrc" else ("service", self.name, verb)

    def news(self, host: Host, done: t.Optional[Output] = None) -> str:
        """What the engine said last: the line that matters if there is one, else what the service manager said."""
        lines = self._log(host)
        matter = [line for line in lines if any(word in line for word in _FATAL)]
        said = (done.err or done.out).strip().splitlines() if done else []
        return (matter or said or lines or ["it says nothing"])[-1].strip()

    def _log(self, host: Host) -> t.List[str]:
        if self.manager != "systemd":
            return []
        user = ("--user",) if self.place.rootless else ()
        try:
            shown = host.run("journalctl", *user, "-u", self.name, "-n", str(_NEWS), "--no-pager", "-o", "cat")
        except Unseen:
            return []
        return [line for line in shown.out.splitlines() if line.strip()]


def service_of(host: Host, place: Place) -> Service:
    """Raises Refused where nothing manages the engine."""
    if _is_there(host, "/run/systemd/system"):
        shown = host.run(*place.systemctl("show", "-p", "LoadState", "--value", place.unit))
        if shown.out.strip() == "loaded":
            return Service("systemd", place.unit, place)
    script = place.unit.partition(".")[0]
    if not place.rootless and _has(host, "/etc/init.d", script):
        return Service("openrc" if _is_there(host, "/run/openrc") else "sysv", script, place)
    raise Refused(f"nothing on this host manages the engine: there is no unit {place.unit} and no script {script}")


def _is_there(host: Host, folder: str) -> bool:
    try:
        host.names(folder)
    except Unseen:
        return False
    return True


def _has(host: Host, folder: str, name: str) -> bool:
    try:
        return name in host.names(folder)
    except Unseen:
        return False
