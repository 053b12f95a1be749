# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Carries a plan out. At every step between, the host resolves names; if at the end it does not, all is put back."""

from __future__ import annotations

import contextlib
import os
import time
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._dropins import text_of, write
from ansible_collections.dockmaster.ports.plugins.module_utils._files import Module, swap_link, told
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._resolved.plan import KEPT, Plan, Refused
from ansible_collections.dockmaster.ports.plugins.module_utils._resolved.state import (
    DROPIN,
    RESOLV_CONF,
    STUB,
    UNDOING,
    UNIT,
    State,
    state_of,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._resolved.verify import Before, look_after

PATIENCE = 10.0  # seconds that resolved may take to open or close its stub


def carry_out(module: Module, host: Host, state: State, todo: Plan, before: Before) -> None:
    """Raises Refused with what went wrong; then everything is as it was."""
    if todo.back:
        return _take_back(module, host, state, todo)
    try:
        with _readable():
            _release(module, host, state, todo)
        look_after(host, todo, before)
    except (ValueError, Unseen, OSError) as exc:
        raise Refused(f"{_why(exc)}: {_put_back(module, host, state, todo)}") from exc
    return None


@contextlib.contextmanager
def _readable() -> t.Iterator[None]:
    """resolved is a user of its own, and has to read what is written, whatever the umask."""
    old = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(old)


def _why(exc: Exception) -> str:
    return told(exc) if isinstance(exc, OSError) else str(exc)


def _release(module: Module, host: Host, state: State, todo: Plan) -> None:
    write(module, DROPIN, state.dropin, todo.dropin)
    if todo.keep:
        _keep()
    if todo.link:
        swap_link(RESOLV_CONF, todo.link)
    if todo.restart:
        _restart(host)
        _wait(host, listens=False)


def _keep() -> None:
    """A second name of the very file: its bytes, owner and labels come back as they are."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(KEPT)
    os.link(RESOLV_CONF, KEPT)


def _put_back(module: Module, host: Host, state: State, todo: Plan) -> str:
    """How it ended. resolv.conf is ours only if it was to be another."""
    try:
        if todo.keep and os.path.islink(RESOLV_CONF):
            os.rename(KEPT, RESOLV_CONF)
        elif todo.keep:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(KEPT)
        elif todo.link:
            swap_link(RESOLV_CONF, state.link)
        write(module, DROPIN, text_of(host, DROPIN), state.dropin)
        _restart(host)
    except (ValueError, Unseen, OSError) as exc:
        return f"it could not be put back: {_why(exc)}"
    return "everything was put back"


def _take_back(module: Module, host: Host, state: State, todo: Plan) -> None:
    """Our file goes out of resolved's sight first and is removed last: what it remembers is needed until then."""
    if state.dropin:
        os.rename(DROPIN, UNDOING)
    try:
        if todo.restart:
            _restart(host)
        if state.active and not state.off:
            _wait(host, listens=True)
    except (ValueError, Unseen, OSError) as exc:
        os.rename(UNDOING, DROPIN)
        _restart(host)
        raise Refused(f"{_why(exc)}: the stub stays off") from exc
    if todo.keep:
        os.rename(KEPT, RESOLV_CONF)
    elif todo.link:
        swap_link(RESOLV_CONF, todo.link)
    write(module, UNDOING, text_of(host, UNDOING), "")


def _restart(host: Host) -> None:
    """systemd refuses the sixth start within ten seconds, and a restart that puts things back must not be refused."""
    host.run("systemctl", "reset-failed", UNIT)
    done = host.run("systemctl", "restart", UNIT)
    if done.rc:
        raise Refused(f"systemctl restart {UNIT}: {(done.err or done.out).strip()}")


def _wait(host: Host, listens: bool) -> None:
    until = time.monotonic() + PATIENCE
    while state_of(host).listens != listens:
        if time.monotonic() > until:
            word = "does not listen" if listens else "still listens"
            raise Refused(f"the stub {word} on {STUB}:53 after {PATIENCE:g} s")
        time.sleep(0.2)
