# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The policy as it is kept on the host, and one that is on trial.

A policy on trial is in force until a moment: then, unless somebody has confirmed it, the kept one is again.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import files, policy
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.policy import Policy, PolicyError
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.system import FirewallError, System
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.view import View

SCHEMA = 1
PATIENCE = 60.0  # seconds


@dataclass(frozen=True)
class Trial:
    """token: who confirms has to know it. until: seconds since the host booted."""

    token: str
    until: float
    policy: Policy


def text(kept: Policy) -> str:
    """The file that keeps a policy."""
    return json.dumps({"schema": SCHEMA, "policy": kept.plain()}, indent=1, sort_keys=True) + "\n"


def kept(system: View) -> t.Optional[Policy]:
    """The policy that this host keeps; None if it keeps none. Raises FirewallError."""
    document = _document(system, files.POLICY)
    return None if document is None else _policy(document, files.POLICY)


def trial(system: View) -> t.Optional[Trial]:
    """The policy on trial, over or not; None if there is none. Raises FirewallError."""
    document = _document(system, files.TRIAL)
    if document is None:
        return None
    try:
        return Trial(str(document["token"]), float(document["until"]), _policy(document, files.TRIAL))
    except (KeyError, TypeError, ValueError) as exc:
        raise FirewallError(f"{files.TRIAL} holds no trial: {exc}") from exc


def in_force(system: View) -> t.Optional[Policy]:
    """The policy that the rules have to be, now. Raises FirewallError."""
    tried = trial(system)
    return tried.policy if tried and system.uptime() < tried.until else kept(system)


def try_out(system: System, tried: Trial) -> None:
    """Put a policy on trial."""
    document = {"schema": SCHEMA, "token": tried.token, "until": tried.until, "policy": tried.policy.plain()}
    system.write(files.TRIAL, json.dumps(document), mode=0o600)


def _document(system: View, path: str) -> t.Optional[t.Dict[str, t.Any]]:
    if not system.exists(path):
        return None
    try:
        found = json.loads(system.read(path))
    except ValueError as exc:
        raise FirewallError(f"{path} is not JSON: {exc}") from exc
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        schema = found.get("schema") if isinstance(found, dict) else None
        raise FirewallError(f"{path} has schema {schema!r}, and this release of dockmaster.ports reads {SCHEMA}")
    return found


def _policy(document: t.Mapping[str, t.Any], path: str) -> Policy:
    try:
        return policy.parse(document["policy"])
    except (KeyError, TypeError, PolicyError) as exc:
        raise FirewallError(f"{path} holds no policy: {exc}") from exc


@contextlib.contextmanager
def locked() -> t.Iterator[None]:
    """One at a time: between what is read and what is written, nobody else of ours changes a rule.

    Raises FirewallError after PATIENCE seconds. Nobody but root can open the file, and so keep others waiting.
    """
    os.makedirs(files.RUN, mode=0o700, exist_ok=True)
    handle = os.open(files.LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        until = time.monotonic() + PATIENCE
        while not _took(handle):
            if time.monotonic() > until:
                raise FirewallError(f"another run is changing the rules: it was not done after {PATIENCE:g} s")
            time.sleep(0.02)
        yield
    finally:
        os.close(handle)


def _took(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
