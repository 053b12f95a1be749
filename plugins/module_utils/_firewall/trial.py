# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A policy on trial: in force at once, and gone by itself unless it is confirmed.

Who takes it back is started before the first rule changes, and outlives whoever started it: a timer of systemd's where
there is one (a session that ends may take its processes along), else a process of its own.
"""

from __future__ import annotations

import math
import os
import typing as t
from dataclasses import replace

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import files, firewall, memory, store
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.policy import Policy
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.store import Trial
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.system import FirewallError, System
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.view import View

TIMER = "dockmaster-firewall-rollback"  # a dash and the trial's token follow
_LATER = 'sleep "$1"; [ ! -e "$3" ] || exec "$2" -I "$3" take-back "$4"'
SYSTEMD = "/run/systemd/system"  # there only if systemd is the service manager: sd_booted(3)


def booted(system: View) -> bool:
    """Whether systemd is this host's service manager."""
    return system.exists(SYSTEMD)


def begin(system: System, policy: Policy, seconds: float, program: t.Tuple[str, str]) -> Trial:
    """Put the policy on trial; its rules are not made here. program: the archive that takes it back, and its Python.

    The lock is held. A trial that was under way ends: the kept policy is what this one falls back to. Its timer is left
    alone, so that somebody takes back one of the two whatever fails or is killed here; a token that is over is no harm.
    """
    archive, python = program
    tried = Trial(os.urandom(8).hex(), system.uptime() + seconds, policy)
    system.write(files.TRIAL_PROGRAM, archive, mode=0o700)
    _watch_over(system, python, tried.token, seconds)
    store.try_out(system, tried)
    return tried


def end(system: System) -> None:
    """Forget the trial: it is confirmed, or taken back. The lock is held."""
    system.remove(files.TRIAL)
    system.remove(files.TRIAL_PROGRAM)
    if booted(system):
        system.run("systemctl", "stop", f"{TIMER}-*.timer")


def take_back(system: System, token: str) -> bool:
    """Make the kept policy's rules again, if this trial was not confirmed. Returns whether it did."""
    with store.locked():
        tried = store.trial(system)
        if tried is None or tried.token != token:
            return False
        kept = store.kept(system)
        store.try_out(system, replace(tried, until=0.0))  # whoever looks meanwhile takes the kept one
        firewall.settle(system, kept)
        end(system)
    if kept is None:
        clean(system)
    return True


def clean(system: System) -> None:
    """Take away what only a policy needs, after the last one is gone."""
    for path in (files.TRIAL, files.TRIAL_PROGRAM, files.LOCK, files.KNOWN, files.BRIDGES, memory.PATH):
        system.remove(path)
    for folder in (files.RUN, files.STATE, files.FOLDER):
        if system.exists(folder) and not system.names(folder):
            system.remove(folder)


def _watch_over(system: System, python: str, token: str, seconds: float) -> None:
    if not booted(system):
        system.start("/bin/sh", "-c", _LATER, "sh", f"{math.ceil(seconds)}", python, files.TRIAL_PROGRAM, token)
        return
    timer = (
        "--quiet",
        "--collect",
        f"--unit={TIMER}-{token}",
        f"--on-active={seconds:g}s",
        "--timer-property=AccuracySec=100ms",
    )
    done = system.run("systemd-run", *timer, python, "-I", files.TRIAL_PROGRAM, "take-back", token)
    if done.rc != 0:
        raise FirewallError(f"nobody would take the policy back: systemd-run failed: {done.err.strip()}")
