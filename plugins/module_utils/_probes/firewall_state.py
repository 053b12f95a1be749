# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Which programs rule the firewall, and whether the kernel forwards. Nothing is started by asking."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rule_tree import Table

_STARTED = ("active", "activating", "reloading")


def firewalld(host: Host) -> str:
    """active, inactive or absent.

    Asked of systemd, never of firewalld: a call to its name on D-Bus would start it. Elsewhere by its pid file.
    """
    try:
        done = host.run("systemctl", "show", "--property=LoadState,ActiveState", "firewalld.service")
    except Unseen:
        return _by_pid_file(host)
    state = dict(line.split("=", 1) for line in done.out.splitlines() if "=" in line)
    if done.rc or "ActiveState" not in state:
        return _by_pid_file(host)
    if state["ActiveState"] in _STARTED:
        return "active"
    return "absent" if state.get("LoadState") == "not-found" else "inactive"


def _by_pid_file(host: Host) -> str:
    """An init that is not systemd lets firewalld write one. A file without its process was left behind."""
    try:
        pid = int(host.read("/run/firewalld.pid"))
        command = host.read(f"/proc/{pid}/comm")
    except (Unseen, ValueError):
        return "inactive" if _is_there(host, "/etc/firewalld") else "absent"
    return "active" if "firewalld" in command else "inactive"


def _is_there(host: Host, folder: str) -> bool:
    try:
        return bool(host.names(folder))
    except Unseen:
        return False


def ufw(host: Host, tables: t.Iterable[Table]) -> str:
    """active, inactive or absent: enabled in its file, and its chains are there."""
    try:
        settings = host.read("/etc/ufw/ufw.conf")
    except Unseen:
        return "absent"
    enabled = any(line.strip().lower().replace('"', "") == "enabled=yes" for line in settings.splitlines())
    chains = any(name.startswith("ufw-") for table in tables for name in table.chains)
    return "active" if enabled and chains else "inactive"


def switch(host: Host, path: str) -> t.Optional[bool]:
    """A setting below /proc/sys that is 0 or 1; None where it is not seen."""
    try:
        return host.read(f"/proc/sys/{path}").strip() == "1"
    except Unseen:
        return None
