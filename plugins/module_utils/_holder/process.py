# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Ends one process: the very one that was found, asked first, and none that the host or this run needs."""

from __future__ import annotations

import contextlib
import os
import signal
import time
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._core.claims import Claim
from ansible_collections.dockmaster.ports.plugins.module_utils._files import told
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.processes import Owner, ProcessReader

SAME_START = 0.05  # seconds: both come from the same counters, and pass through JSON
_KILLED = 5.0  # seconds until the kernel has ended what it was told to kill
_PAUSE = 0.05
# Without these nothing works, or nobody gets in to see it. Names of /proc/PID/comm, which are cut at 15 letters
_NEEDED = (
    "dockerd", "containerd", "containerd-shim", "runc", "rootlesskit", "slirp4netns", "pasta", "conmon", "crio",
    "kubelet", "sshd", "sshd-session", "dropbear", "dbus-daemon", "dbus-broker", "init", "tini",
)  # fmt: skip
_NEEDED_STARTS = ("systemd", "containerd-shim")


class Refused(ValueError):
    """The process is not to be ended. The message says why."""


class NotEnded(ValueError):
    """It is still there."""


@dataclass(frozen=True)
class Target:
    """A process by its pid and its start, in seconds since the epoch."""

    pid: int
    started: float


def found(host: Host, target: Target) -> t.Optional[Owner]:
    """The very process; None if it ended, or if its number is another's now."""
    owner = ProcessReader(host, command_lines=False).owner(target.pid)[0]
    same = owner.started is not None and abs(owner.started - target.started) < SAME_START
    return owner if same else None


def refuse(host: Host, owner: Owner, claims: t.Iterable[Claim]) -> None:
    """claims: who has which port on this host. Raises Refused."""
    pid, name = owner.pid or 0, owner.command
    if pid <= 1 or _is_of_the_kernel(host, pid):
        raise Refused(f"process {pid} ({name}) is the system's own")
    if pid in ancestors(host, os.getpid()):
        raise Refused(f"process {pid} ({name}) is one that this very run needs")
    if name in _NEEDED or name.startswith(_NEEDED_STARTS):
        raise Refused(f"process {pid} is {name}, which the host needs: it is never stopped like this")
    if owner.container:
        raise Refused(f"process {pid} ({name}) is of container {owner.container[:12]}: stop the container")
    if name == "docker-proxy":  # of the engine's unit, which does not start it again
        _refuse_proxy(host, pid, claims)
    elif owner.unit.endswith((".service", ".socket")) and not owner.unit.startswith("user@"):
        raise Refused(f"process {pid} ({name}) is of {owner.unit}, which would start it again: stop the unit")


def _refuse_proxy(host: Host, pid: int, claims: t.Iterable[Claim]) -> None:
    """An engine's own child may be a ghost endpoint's: where the engine writes no rules, nothing else tells."""
    kinds = {one.holder.kind for one in claims if one.holder.pid == pid}
    if "hidden" in kinds:
        unseen = "a container that was not seen may stand behind it"
        raise Refused(f"process {pid} is docker-proxy, and {unseen}: see that every engine of this host answers")
    if "proxy" not in kinds:
        raise Refused(f"process {pid} is docker-proxy, and a container stands behind it: stop the container")
    reader = ProcessReader(host, command_lines=False)
    if reader.owner(reader.owner(pid)[1])[0].command == "dockerd":
        known = "the engine that started it still runs and may go on to refuse its port"
        raise Refused(f"process {pid} is docker-proxy, and {known}: restart the engine")


def _is_of_the_kernel(host: Host, pid: int) -> bool:
    """kthreadd and its children have no command line and are children of 2, or 2 itself."""
    return pid == 2 or ProcessReader(host, command_lines=False).owner(pid)[1] == 2


def ancestors(host: Host, pid: int) -> t.Set[int]:
    """The process and all that it descends from, down to PID 1."""
    reader = ProcessReader(host, command_lines=False)
    seen: t.Set[int] = set()
    while pid > 1 and pid not in seen:
        seen.add(pid)
        pid = reader.owner(pid)[1]
    return seen


def end(host: Host, target: Target, grace: float) -> str:
    """Asks it (SIGTERM), and after some seconds has the kernel end it (SIGKILL). Returns the signal that did it.

    Raises NotEnded.
    """
    with _handle(target.pid) as send:
        if not found(host, target):  # a handle is on one process for good; looked at after it was taken
            return ""
        for number, wait in ((signal.SIGTERM, grace), (signal.SIGKILL, _KILLED)):
            try:
                send(number)
            except ProcessLookupError:
                return "TERM"
            except OSError as exc:
                raise NotEnded(f"process {target.pid}: {told(exc)}") from exc
            if _gone(host, target, wait):
                return number.name[3:]
    raise NotEnded(f"process {target.pid} does not end, not even when it is killed: it waits for the kernel")


def _gone(host: Host, target: Target, wait: float) -> bool:
    until = time.monotonic() + wait
    while _lives(host, target):
        if time.monotonic() > until:
            return False
        time.sleep(_PAUSE)
    return True


def _lives(host: Host, target: Target) -> bool:
    """A zombie holds no port any more."""
    if not found(host, target):
        return False
    with contextlib.suppress(OSError), open(f"/proc/{target.pid}/stat", encoding="utf-8", errors="replace") as file:
        return file.read().rpartition(") ")[2][:1] not in ("Z", "X")
    return False


@contextlib.contextmanager
def _handle(pid: int) -> t.Iterator[t.Callable[[int], None]]:
    """What sends signals to a process, and to no other that has its number later.

    Python before 3.9 knows only numbers.
    """
    opened = getattr(os, "pidfd_open", None)
    send = getattr(signal, "pidfd_send_signal", None)
    if opened is None or send is None:
        yield lambda number: os.kill(pid, number)
        return
    try:
        handle = opened(pid)
    except (ProcessLookupError, OSError):
        yield lambda number: os.kill(pid, number)  # ended, or a kernel before 5.3
        return
    try:
        yield lambda number: send(handle, number)
    finally:
        os.close(handle)
