# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Carries a plan out. At every step between, the host resolves names; if at the end it does not, all is put back."""

from __future__ import annotations

import os
import time
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._dropins import text_of
from ansible_collections.dockmaster.ports.plugins.module_utils._files import Module, remove, replace, swap_link
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host
from ansible_collections.dockmaster.ports.plugins.module_utils._resolved.dns import Ask, answering, resolves
from ansible_collections.dockmaster.ports.plugins.module_utils._resolved.plan import KEPT, Plan, Refused
from ansible_collections.dockmaster.ports.plugins.module_utils._resolved.state import (
    DROPIN,
    RESOLV_CONF,
    STUB,
    UNDOING,
    UNIT,
    State,
    servers_of,
    state_of,
)

PATIENCE = 10.0  # seconds that resolved may take to open or close its stub


class Before(t.NamedTuple):
    """Names that resolve now, and so must afterwards; and how that is found out."""

    names: t.Tuple[str, ...]
    ask: Ask


def look_before(state: State, todo: Plan, names: t.Sequence[str], ask: Ask) -> Before:
    """Raises Refused where the servers that are to be asked directly do not answer."""
    if not todo.link or todo.back:
        return Before((), ask)
    if not answering(state.servers, ask):
        raise Refused(
            f"none of the DNS servers answers ({', '.join(state.servers)}): without the stub nothing would be resolved"
        )
    now = tuple(name for name in names if resolves((STUB,), name, ask))
    lost = [name for name in now if not resolves(state.servers, name, ask)]
    if lost:
        raise Refused(
            f"{', '.join(lost)}: the stub resolves it, and {', '.join(state.servers)} do not: split DNS, as of a VPN"
        )
    return Before(now, ask)


def carry_out(module: Module, host: Host, state: State, todo: Plan, before: Before) -> None:
    """Raises Refused with what went wrong; then everything is as it was."""
    if todo.back:
        return _take_back(module, host, state, todo)
    try:
        _release(module, host, state, todo)
        _check(host, todo, before)
    except (Refused, OSError) as exc:
        _put_back(module, host, state)
        raise Refused(f"{exc}: everything was put back") from exc
    return None


def _release(module: Module, host: Host, state: State, todo: Plan) -> None:
    _write(module, DROPIN, state.dropin, todo.dropin)
    if todo.keep:
        _copy(module, host)
    if todo.link:
        swap_link(RESOLV_CONF, todo.link)
    if todo.restart:
        _restart(host)
        _wait(host, listens=False)


def _copy(module: Module, host: Host) -> None:
    _write(module, KEPT, text_of(host, KEPT), host.read(RESOLV_CONF))


def _check(host: Host, todo: Plan, before: Before) -> None:
    if not todo.link:
        return
    servers = servers_of(host.read(RESOLV_CONF))
    if not answering(servers, before.ask):
        raise Refused(f"{RESOLV_CONF} now names {', '.join(servers)}, and none of them answers")
    lost = [name for name in before.names if not resolves(servers, name, before.ask)]
    if lost:
        raise Refused(f"{', '.join(lost)} can no longer be resolved")


def _put_back(module: Module, host: Host, state: State) -> None:
    if state.link:
        swap_link(RESOLV_CONF, state.link)
    elif text_of(host, KEPT):
        os.rename(KEPT, RESOLV_CONF)
    _write(module, DROPIN, text_of(host, DROPIN), state.dropin)
    _restart(host)


def _take_back(module: Module, host: Host, state: State, todo: Plan) -> None:
    """Our file goes out of resolved's sight first and is removed last: what it remembers is needed until then."""
    if state.dropin:
        os.rename(DROPIN, UNDOING)
    try:
        if todo.restart:
            _restart(host)
        if state.active and not state.off:
            _wait(host, listens=True)
    except (Refused, OSError) as exc:
        os.rename(UNDOING, DROPIN)
        _restart(host)
        raise Refused(f"{exc}: the stub stays off") from exc
    if todo.keep:
        os.rename(KEPT, RESOLV_CONF)
    elif todo.link:
        swap_link(RESOLV_CONF, todo.link)
    remove(module, UNDOING, text_of(host, UNDOING).encode())


def _write(module: Module, path: str, old: str, new: str) -> None:
    if old == new:
        return
    if new:
        replace(module, path, old.encode() if old else None, new.encode(), backup=False)
    else:
        remove(module, path, old.encode())


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


def bindable(host: Host, state: State) -> str:
    """Why the stub could not have its port back; empty if it could."""
    if state.listens:
        return ""
    for protocol in ("udp", "tcp"):
        tried = host.bind(STUB, protocol, 53, reuse_address=False)
        if tried.error:
            return f"{STUB}:53/{protocol} is taken ({tried.error}): stop what publishes port 53 on every address first"
    return ""
